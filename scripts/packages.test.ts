import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const folders = ['test-broker', ...readdirSync(join(root, 'packages')).map((name) => join('packages', name))];

it.each(folders)('%s brings its licence with it', (folder) => {
  expect(existsSync(join(root, folder, 'package.json'))).toBe(true);
  expect(readFileSync(join(root, folder, 'LICENSE'), 'utf8')).toBe(readFileSync(join(root, 'LICENSE'), 'utf8'));
});
