// The version of this package, as ApiVersions tells it to brokers.

/** Equal to the version in package.json, which a test holds. */
export const version = '0.1.0';
