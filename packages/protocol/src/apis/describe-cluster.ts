/**
 * DescribeCluster (key 60), v0-2. Id, controller and brokers of the cluster (KIP-700); any broker answers, and since v1
 * a controller can be asked for the controllers.
 *
 *   v0  flexible
 *   v1  endpoint_type: brokers or controllers (KIP-919)
 *   v2  fenced brokers, when asked for (KIP-1073)
 */
import type { Api } from '../api.ts';
import { EndpointType } from '../constants.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type Outcome, outcome } from './outcome.ts';

export interface DescribeClusterRequest {
  includeClusterAuthorizedOperations: boolean;
  endpointType: number; // v1+; EndpointType
  includeFencedBrokers: boolean; // v2+
}

export interface DescribeClusterResponse extends Outcome {
  endpointType: number; // v1+; as in the request
  clusterId: string;
  controllerId: number; // -1: not known; a broker of a cluster without ZooKeeper names any that is alive
  brokers: DescribeClusterResponseBroker[];
  clusterAuthorizedOperations: number; // a bit for each AclOperation; OPERATIONS_NOT_ASKED
}

export interface DescribeClusterResponseBroker {
  brokerId: number;
  host: string;
  port: number;
  rack: string | null;
  isFenced: boolean; // v2+
}

/**
 * Id, controller and brokers of the cluster (KIP-700); any broker answers, and since v1 a controller can be asked for
 * the controllers.
 */
export const DescribeCluster: Api<DescribeClusterRequest, DescribeClusterResponse> = {
  key: 60,
  name: 'DescribeCluster',
  versions: [0, 2],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: DescribeClusterRequest): void {
  const { endpointType, includeFencedBrokers } = request;
  if (v < 1 && endpointType !== EndpointType.broker) {
    throw new UnsupportedFieldError('DescribeCluster', v, 'endpointType');
  }
  if (v < 2 && includeFencedBrokers) throw new UnsupportedFieldError('DescribeCluster', v, 'includeFencedBrokers');
  w.bool(request.includeClusterAuthorizedOperations);
  if (v >= 1) w.int8(endpointType);
  if (v >= 2) w.bool(includeFencedBrokers);
  w.tags();
}

function decodeRequest(r: Reader, v: number): DescribeClusterRequest {
  const request = {
    includeClusterAuthorizedOperations: r.bool(),
    endpointType: v >= 1 ? r.int8() : EndpointType.broker,
    includeFencedBrokers: v >= 2 ? r.bool() : false,
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, v: number, response: DescribeClusterResponse): void {
  outcome.encode(w, response);
  if (v >= 1) w.int8(response.endpointType);
  w.string(response.clusterId);
  w.int32(response.controllerId);
  w.structs(response.brokers, (broker) => encodeBroker(w, v, broker));
  w.int32(response.clusterAuthorizedOperations);
  w.tags();
}

function encodeBroker(w: Writer, v: number, broker: DescribeClusterResponseBroker): void {
  w.int32(broker.brokerId);
  w.string(broker.host);
  w.int32(broker.port);
  w.nullableString(broker.rack);
  if (v >= 2) w.bool(broker.isFenced);
}

function decodeResponse(r: Reader, v: number): DescribeClusterResponse {
  const response = {
    ...outcome.decode(r),
    endpointType: v >= 1 ? r.int8() : EndpointType.broker,
    clusterId: r.string(),
    controllerId: r.int32(),
    brokers: r.structs(() => decodeBroker(r, v)),
    clusterAuthorizedOperations: r.int32(),
  };
  r.tags();
  return response;
}

function decodeBroker(r: Reader, v: number): DescribeClusterResponseBroker {
  return {
    brokerId: r.int32(),
    host: r.string(),
    port: r.int32(),
    rack: r.nullableString(),
    isFenced: v >= 2 ? r.bool() : false,
  };
}
