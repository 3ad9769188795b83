// A request and its answer with their bytes, for tests of what stands around bodies.
import type { HeartbeatRequest, HeartbeatResponse } from '../apis/heartbeat.ts';
import { bytes } from './bytes.ts';

export const request: HeartbeatRequest = { groupId: 'g', generationId: 3, memberId: 'm', groupInstanceId: null };
export const response: HeartbeatResponse = { throttleTimeMs: 0, errorCode: 27 };

/** Correlation id 7, from client 'me'. */
export const requestV4: Buffer = bytes`
  00000017                                // size
  000c 0004 00000007 0002 'me' 00         // header 2
  02 'g' 00000003 02 'm' 00 00            // body
`;
export const responseV4: Buffer = bytes`
  0000000c                                // size
  00000007 00                             // header 1
  00000000 001b 00                        // body
`;
