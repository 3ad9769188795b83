// InitProducerId (22), versions 0-5.
//
// Without a transactional id: a new producer id, or (3, KIP-360) the given one with its epoch raised. With one: the
// epoch is raised and older producers are fenced; no transaction is behind it, because there are none here.
import {
  CoordinatorType,
  Errors,
  InitProducerId,
  type InitProducerIdRequest,
  type InitProducerIdResponse,
} from '@hopwire/protocol';
import type { ProducerIdentity } from '../embedded/producer-ids.ts';
import { type Handler, handle, type RequestContext } from '../embedded/router.ts';

export const initProducerId: Handler<InitProducerIdRequest, InitProducerIdResponse> = handle(
  InitProducerId,
  {
    answer: (request, context) => {
      const identity = identityFor(request, context);
      return 'errorCode' in identity
        ? answerWith(identity.errorCode, { producerId: -1n, producerEpoch: -1 })
        : answerWith(0, identity);
    },
    refuse: (_request, errorCode) => answerWith(errorCode, { producerId: -1n, producerEpoch: -1 }),
  },
  [0, 5],
);

function identityFor(
  request: InitProducerIdRequest,
  { cluster, node }: RequestContext,
): ProducerIdentity | { errorCode: number } {
  const { transactionalId, producerId, producerEpoch } = request;
  const ids = cluster.producerIds;
  if (transactionalId === null) return producerId >= 0n ? ids.bumped({ producerId, producerEpoch }) : ids.fresh();
  if (transactionalId === '') return { errorCode: Errors.INVALID_REQUEST };
  if (cluster.coordinatorOf(transactionalId, CoordinatorType.transaction)?.id !== node.id) {
    return { errorCode: Errors.NOT_COORDINATOR };
  }
  return ids.forTransactionalId(transactionalId, { producerId, producerEpoch });
}

function answerWith(errorCode: number, { producerId, producerEpoch }: ProducerIdentity): InitProducerIdResponse {
  return {
    throttleTimeMs: 0,
    errorCode,
    producerId,
    producerEpoch,
    ongoingTxnProducerId: -1n,
    ongoingTxnProducerEpoch: -1,
  };
}
