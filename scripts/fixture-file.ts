// Writes golden files: a folder for each pair of client and broker, a file for each API.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { CapturedFrame } from './fixture-capture.ts';

const ROW_BYTES = 48;
const folder = fileURLToPath(new URL('../packages/protocol/fixtures', import.meta.url));

/** Replaces what was recorded of this pair before. */
export async function writeFixtures(origin: string, title: string, frames: readonly CapturedFrame[]): Promise<void> {
  const own = `${folder}/${origin}`;
  await rm(own, { recursive: true, force: true });
  await mkdir(own, { recursive: true });
  const apis = new Set(frames.map(({ api }) => api));
  for (const api of apis) {
    const text = [
      `# ${title}: ${api}\n# Whole frames, size included. Recorded by \`pnpm fixtures\`.\n`,
      ...frames.filter((frame) => frame.api === api).map(written),
    ];
    await writeFile(`${own}/${kebab(api)}.txt`, text.join('\n'));
  }
  console.log(`  ${frames.length} frames of ${apis.size} APIs`);
}

function written({ api, version, direction, bytes }: CapturedFrame): string {
  const rows = [];
  for (let at = 0; at < bytes.length; at += ROW_BYTES) rows.push(bytes.toString('hex', at, at + ROW_BYTES));
  return `${direction} ${api} v${version}, ${bytes.length} bytes\n${rows.join('\n')}\n`;
}

function kebab(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}
