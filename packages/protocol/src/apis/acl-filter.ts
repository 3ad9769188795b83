// The filter by which DescribeAcls and DeleteAcls choose ACLs (KIP-140).
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { patternType } from './acl-rule.ts';

/** Which ACLs are meant. A null matches everything, as `any` does in a type or an operation. */
export interface AclFilter {
  resourceTypeFilter: number; // AclResourceType
  resourceNameFilter: string | null;
  patternTypeFilter: number; // v1+; AclPatternType
  principalFilter: string | null;
  hostFilter: string | null;
  operation: number; // AclOperation
  permissionType: number; // AclPermissionType
}

export const aclFilter = {
  /** @throws {UnsupportedFieldError} */
  encode(w: Writer, api: string, v: number, filter: AclFilter): void {
    w.int8(filter.resourceTypeFilter);
    w.nullableString(filter.resourceNameFilter);
    patternType.encode(w, api, v, 'patternTypeFilter', filter.patternTypeFilter);
    w.nullableString(filter.principalFilter);
    w.nullableString(filter.hostFilter);
    w.int8(filter.operation);
    w.int8(filter.permissionType);
  },
  decode(r: Reader, v: number): AclFilter {
    return {
      resourceTypeFilter: r.int8(),
      resourceNameFilter: r.nullableString(),
      patternTypeFilter: patternType.decode(r, v),
      principalFilter: r.nullableString(),
      hostFilter: r.nullableString(),
      operation: r.int8(),
      permissionType: r.int8(),
    };
  },
};
