// ApiVersions (18), versions 0-4.
//
// The list is what this broker has handlers for. A version it does not have is answered by the router in the layout of
// version 0 with UNSUPPORTED_VERSION (KIP-511). Version 5 (KIP-1242) is not offered, as in Kafka up to 4.3. No features
// are finalized: there are no transactions, and the groups are classic.
import { ApiVersions, type ApiVersionsRequest, type ApiVersionsResponse, Errors } from '@hopwire/protocol';
import { type AdvertisedApi, type Handler, handle } from '../embedded/router.ts';

const SOFTWARE_SINCE = 3;
const SOFTWARE = /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?$/;

export const apiVersions: Handler<ApiVersionsRequest, ApiVersionsResponse> = handle(
  ApiVersions,
  {
    answer: (request, { version, advertised }) => {
      const isNamed = SOFTWARE.test(request.clientSoftwareName) && SOFTWARE.test(request.clientSoftwareVersion);
      if (version >= SOFTWARE_SINCE && !isNamed) return answerWith(Errors.INVALID_REQUEST, []);
      return answerWith(0, advertised);
    },
    refuse: (_request, errorCode) => answerWith(errorCode, []),
  },
  [0, 4],
);

function answerWith(errorCode: number, apiKeys: readonly AdvertisedApi[]): ApiVersionsResponse {
  return {
    errorCode,
    apiKeys: [...apiKeys],
    throttleTimeMs: 0,
    supportedFeatures: [],
    finalizedFeaturesEpoch: -1n,
    finalizedFeatures: [],
    zkMigrationReady: false,
  };
}
