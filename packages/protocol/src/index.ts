// Public names of @hopwire/protocol.
export type { AnyApi, Api, VersionRange } from './api.ts';
export { chooseVersion, isFlexible } from './api.ts';
export * from './constants.ts';
export * from './error-codes.ts';
export * from './errors.ts';
export { FrameReader } from './frame/frame-reader.ts';
export * from './frame/headers.ts';
export * from './frame/message.ts';
export { type ConsumerAssignment, decodeAssignment, encodeAssignment } from './group/assignment.ts';
export { type ConsumerSubscription, decodeSubscription, encodeSubscription } from './group/subscription.ts';
export type { ConsumerTopicPartitions } from './group/topic-partitions.ts';
export { Reader } from './wire/reader.ts';
export { ZERO_UUID } from './wire/uuid.ts';
export { type TaggedField, Writer } from './wire/writer.ts';
