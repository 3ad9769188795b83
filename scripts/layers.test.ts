import { describe, expect, it } from 'vitest';
import { cyclesIn } from './import-cycles.ts';
import { importsOf } from './imports.ts';
import { violationsOf } from './layer-rules.ts';

const protocol = (file: string, text: string) => ({ path: `packages/protocol/src/${file}`, text });
const client = (file: string, text: string) => ({ path: `packages/client/src/${file}`, text });
const cli = (file: string, text: string) => ({ path: `packages/cli/src/${file}`, text });

describe('layers', () => {
  it('finds every way of importing, with its line', () => {
    const text = `import { a } from './a.ts';
      import type { B } from './b.ts';
      import { type C, type D } from './c.ts';
      import './d.ts';
      export * from './e.ts';
      const f = await import('./f.ts');
      type G = import('./g.ts').G;
      // import './comment.ts';
    `;
    expect(importsOf({ path: 'x.ts', text })).toEqual([
      { specifier: './a.ts', line: 1, typeOnly: false, dynamic: false },
      { specifier: './b.ts', line: 2, typeOnly: true, dynamic: false },
      { specifier: './c.ts', line: 3, typeOnly: true, dynamic: false },
      { specifier: './d.ts', line: 4, typeOnly: false, dynamic: false },
      { specifier: './e.ts', line: 5, typeOnly: false, dynamic: false },
      { specifier: './f.ts', line: 6, typeOnly: false, dynamic: true },
      { specifier: './g.ts', line: 7, typeOnly: true, dynamic: false },
    ]);
  });

  it('an import along the arrows is allowed, one against them is not', () => {
    const along = protocol('apis/fetch.ts', "import { Reader } from '../wire/reader.ts';");
    const against = protocol('wire/reader.ts', "import { Fetch } from '../apis/fetch.ts';");
    const siblings = client('producer/sender.ts', "import { Fetcher } from '../consumer/fetcher.ts';");
    expect(violationsOf('packages/protocol', [along])).toEqual([]);
    expect(violationsOf('packages/protocol', [against])).toEqual([
      'packages/protocol/src/wire/reader.ts:1: wire must not import apis (../apis/fetch.ts)',
    ]);
    expect(violationsOf('packages/client', [siblings])).toHaveLength(1);
  });

  it('a folder that no rule knows is a violation', () => {
    const unknown = protocol('junk/a.ts', "import { Reader } from '../wire/reader.ts';");
    expect(violationsOf('packages/protocol', [unknown])).toEqual([
      'packages/protocol/src/junk/a.ts:1: junk is no layer in scripts/layer-rules.ts',
    ]);
  });

  it('packages import only what their rule names', () => {
    const wrong = [
      client('index.ts', "import { Stream } from '@hopwire/hop';"),
      client('index.ts', "import snappy from 'snappy';"),
      client('index.ts', "import { readFile } from 'fs/promises';"),
    ];
    for (const source of wrong) expect(violationsOf('packages/client', [source])).toHaveLength(1);
    expect(
      violationsOf('packages/client', [client('options.ts', "import type { Duplex } from 'node:stream';")]),
    ).toEqual([]);
    const zlib = "import { gunzipSync } from 'node:zlib';";
    expect(violationsOf('packages/protocol', [protocol('records/compression/gzip.ts', zlib)])).toEqual([]);
    expect(violationsOf('packages/protocol', [protocol('wire/reader.ts', zlib)])).toHaveLength(1);
  });

  it('what is loaded only when asked for must not be a static import', () => {
    const lazy = cli('commands/broker.ts', "const { TestBroker } = await import('@hopwire/test-broker');");
    const eager = cli('commands/broker.ts', "import { TestBroker } from '@hopwire/test-broker';");
    const elsewhere = cli('main.ts', "const { TestBroker } = await import('@hopwire/test-broker');");
    expect(violationsOf('packages/cli', [lazy])).toEqual([]);
    expect(violationsOf('packages/cli', [eager])).toHaveLength(1);
    expect(violationsOf('packages/cli', [elsewhere])).toHaveLength(1);
  });

  it('tests may look behind every arrow', () => {
    expect(violationsOf('packages/client', [client('index.test.ts', "import '@hopwire/test-broker';")])).toEqual([]);
  });

  it('cycles are found, of types too, and a diamond is none', () => {
    const a = protocol('a.ts', "import { b } from './b.ts'; import { c } from './c.ts';");
    const b = protocol('b.ts', "import type { D } from './d.ts';");
    const c = protocol('c.ts', "import type { D } from './d.ts';");
    const d = protocol('d.ts', 'export type D = 1;');
    expect(cyclesIn([a, b, c, d])).toEqual([]);
    const back = protocol('d.ts', "import type { B } from './b.ts';");
    expect(cyclesIn([a, b, c, back])).toEqual([[b.path, back.path]]);
    const self = protocol('e.ts', "import { e } from './e.ts';");
    expect(cyclesIn([self])).toEqual([[self.path]]);
  });
});
