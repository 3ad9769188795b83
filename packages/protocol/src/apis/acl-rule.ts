// An ACL (KIP-140), as DescribeAcls, CreateAcls and DeleteAcls have it: the rule, and how its resource is named.
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

/** The only pattern type there is in v0: the name is meant as it stands. */
const LITERAL = 3;

/** Who may, or may not, do what to a resource, and from where. */
export interface AclRule {
  /** Such as `User:alice`; `User:*` is everyone. */
  principal: string;
  /** An address; `*` is every address. */
  host: string;
  operation: number;
  /** 2: denied, 3: allowed. */
  permissionType: number;
}

export function encodeAclRule(w: Writer, rule: AclRule): void {
  w.string(rule.principal);
  w.string(rule.host);
  w.int8(rule.operation);
  w.int8(rule.permissionType);
}

export function decodeAclRule(r: Reader): AclRule {
  return { principal: r.string(), host: r.string(), operation: r.int8(), permissionType: r.int8() };
}

/**
 * The pattern type (KIP-290), in either direction: without it a prefix would become a name, and another ACL be meant.
 *
 * @throws {UnsupportedFieldError} in v0, when it is not literal
 */
export function encodePatternType(w: Writer, api: string, v: number, field: string, patternType: number): void {
  if (v >= 1) w.int8(patternType);
  else if (patternType !== LITERAL) throw new UnsupportedFieldError(api, v, `${field} ${patternType}`);
}

export function decodePatternType(r: Reader, v: number): number {
  return v >= 1 ? r.int8() : LITERAL;
}
