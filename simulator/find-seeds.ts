import { discover } from '/work/main/simulator/src/mutations/discovery.ts';
import { mutations } from '/work/main/simulator/src/mutations/mutations.ts';
const [, , name = '', from = '1', to = '100'] = process.argv;
const mutation = mutations.find((one) => one.name === name);
if (!mutation) throw new Error('no ' + name);
for (let at = Number(from); at < Number(to); at += 200) {
  const seeds = Array.from({ length: Math.min(200, Number(to) - at) }, (_, i) => at + i);
  const found = await discover({ ...mutation, seeds });
  if (found) { console.log(name, JSON.stringify(found)); process.exit(); }
  console.log(name, at + 200);
}
