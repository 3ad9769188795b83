// What to do without a usable credential; follows help and usage errors on stderr.

const advice = `
No usable credential is configured.
Get one at https://my.hop.scimma.org and run \`hop auth add\` with the file you are given.
`;

/** Empty when there is a credential. */
export async function credentialAdvice(env: NodeJS.ProcessEnv): Promise<string> {
  const { loadAuth } = await import('@hopwire/hop');
  try {
    return (await loadAuth(env)).length > 0 ? '' : advice;
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'NO_CREDENTIALS';
    return missing ? advice : `hop: ${error instanceof Error ? error.message : String(error)}\n${advice}`;
  }
}
