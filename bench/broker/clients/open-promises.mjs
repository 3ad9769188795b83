// For clients whose only way to send without waiting is not to await the promise: so many of them are open at most.

export function openPromises(send, mostOpen) {
  let open = 0;
  let failure = null;
  let wake = null;
  const settled = (error) => {
    open--;
    failure ??= error ?? null;
    wake?.();
    wake = null;
  };
  const change = () =>
    new Promise((resolve) => {
      wake = resolve;
    });
  const until = async (limit) => {
    while (open > limit) {
      await change();
      if (failure) throw failure;
    }
  };
  return {
    /** @returns a promise when there is no room for another */
    put(record) {
      open++;
      send(record).then(() => settled(), settled);
      return open >= mostOpen ? until(mostOpen - 1) : null;
    },
    end: () => until(0),
  };
}
