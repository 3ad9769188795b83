// What DescribeAcls, CreateAcls and DeleteAcls have in common: the filter, the pattern type and the rule (KIP-140).
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

/** The only pattern type there is in v0: the name is meant as it stands. */
const LITERAL = 3;

/** Which ACLs are meant. A null matches everything, as 1 (any) does in a type or an operation. */
export interface AclFilter {
  resourceTypeFilter: number;
  resourceNameFilter: string | null;
  patternTypeFilter: number; // v1+; 3: literal
  principalFilter: string | null;
  hostFilter: string | null;
  operation: number;
  permissionType: number;
}

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

/** @throws {UnsupportedFieldError} */
export function encodeAclFilter(w: Writer, api: string, v: number, filter: AclFilter): void {
  w.int8(filter.resourceTypeFilter);
  w.nullableString(filter.resourceNameFilter);
  encodePatternType(w, api, v, 'patternTypeFilter', filter.patternTypeFilter);
  w.nullableString(filter.principalFilter);
  w.nullableString(filter.hostFilter);
  w.int8(filter.operation);
  w.int8(filter.permissionType);
}

export function decodeAclFilter(r: Reader, v: number): AclFilter {
  return {
    resourceTypeFilter: r.int8(),
    resourceNameFilter: r.nullableString(),
    patternTypeFilter: decodePatternType(r, v),
    principalFilter: r.nullableString(),
    hostFilter: r.nullableString(),
    operation: r.int8(),
    permissionType: r.int8(),
  };
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

export function encodeAclRule(w: Writer, rule: AclRule): void {
  w.string(rule.principal);
  w.string(rule.host);
  w.int8(rule.operation);
  w.int8(rule.permissionType);
}

export function decodeAclRule(r: Reader): AclRule {
  return { principal: r.string(), host: r.string(), operation: r.int8(), permissionType: r.int8() };
}
