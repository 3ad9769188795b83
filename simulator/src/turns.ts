// Real turns of Node's event loop: after each one all microtasks and `nextTick`s have run.

// Taken before a simulation forbids it.
const realSetImmediate = setImmediate;

/** Turns that are asked for at once: they run in one pass of the loop, each with its microtasks. */
const TURNS_A_PASS = 64;

/**
 * Calls `turn` once in each turn until it says false.
 *
 * @param pass told when a pass of turns begins and when it has ended: between two, code of others runs
 */
export function takeTurns(turn: () => boolean, pass: (isOurs: boolean) => void): Promise<void> {
  return new Promise((resolve) => {
    let goesOn = true;
    const one = (): void => {
      if (goesOn) goesOn = turn();
    };
    const all = (): void => {
      pass(true);
      for (let i = 0; i < TURNS_A_PASS; i++) realSetImmediate(one);
      realSetImmediate(() => {
        pass(false);
        if (goesOn) all();
        else resolve();
      });
    };
    all();
  });
}
