// How much longer a Node process takes that imports the client than one that does nothing; the two in turn.
import { spawnSync } from 'node:child_process';
import { median } from '../figures.mjs';

const PAIRS = 25;

export function importing({ client }) {
  const bare = [];
  const loaded = [];
  for (let i = 0; i < PAIRS; i++) {
    bare.push(milliseconds('0'));
    loaded.push(milliseconds(`import(${JSON.stringify(client.module)})`));
  }
  return { ms: median(loaded) - median(bare), bareMs: median(bare) };
}

function milliseconds(program) {
  const began = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['-e', program]);
  const took = performance.now() - began;
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return took;
}
