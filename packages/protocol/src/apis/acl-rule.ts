// An ACL (KIP-140), as DescribeAcls, CreateAcls and DeleteAcls have it: the rule, and how its resource is named.
import { AclPatternType } from '../constants.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import type { Part } from './part.ts';

/** Who may, or may not, do what to a resource, and from where. */
export interface AclRule {
  /** Such as `User:alice`; `User:*` is everyone. */
  principal: string;
  /** An address; `*` is every address. */
  host: string;
  operation: number; // AclOperation
  permissionType: number; // AclPermissionType
}

export const aclRule: Part<AclRule> = {
  encode(w, rule) {
    w.string(rule.principal);
    w.string(rule.host);
    w.int8(rule.operation);
    w.int8(rule.permissionType);
  },
  decode(r) {
    return { principal: r.string(), host: r.string(), operation: r.int8(), permissionType: r.int8() };
  },
};

/** How the name of a resource is meant (KIP-290): an AclPatternType. */
export const patternType = {
  /**
   * In answers too: without it a prefix would become a name, and another ACL be meant.
   *
   * @throws {UnsupportedFieldError} in v0, which knows none but literal
   */
  encode(w: Writer, api: string, v: number, field: string, type: number): void {
    if (v >= 1) w.int8(type);
    else if (type !== AclPatternType.literal) throw new UnsupportedFieldError(api, v, `${field} ${type}`);
  },
  decode(r: Reader, v: number): number {
    return v >= 1 ? r.int8() : AclPatternType.literal;
  },
};
