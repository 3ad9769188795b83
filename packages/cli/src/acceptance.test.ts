// Scenarios of hop's specification that the command has to hold, on the embedded broker. The numbers are its own.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { TestBroker } from '@hopwire/test-broker';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hop, type Outcome, startHop } from './testing/terminal.ts';

const shared = process.env.HOP_SHARED ?? resolve(fileURLToPath(new URL('../../../../shared', import.meta.url)));
const samples = join(shared, 'samples');
const required = (process.env.HOP_TEST_REQUIRE ?? '').split(',').includes('shared');
const noSamples = !existsSync(samples) && !required;
const because = noSamples ? ' [skipped: the shared test material is not beside the repository]' : '';
const env = { HOME: '/nonexistent' };

let broker: TestBroker;
let topicCount = 0;
/** A fresh topic of one partition for each test. */
let topic = '';
let url = '';

beforeAll(async () => {
  broker = await TestBroker.start({ topics: { t3: 3 } });
});
afterAll(() => broker.close());
beforeEach(() => {
  topic = `t1-${topicCount++}`;
  broker.createTopic(topic, 1);
  url = `kafka://${broker.bootstrap}/${topic}`;
});

const run = (...args: string[]): Promise<Outcome> => hop(args, { env });
const pub = (input: string | Uint8Array, ...options: string[]): Promise<Outcome> =>
  hop(['publish', '-q', '--no-auth', ...options, url], { env, stdin: input });
const pubFile = (file: string, ...options: string[]): Promise<Outcome> =>
  run('publish', '-q', '--no-auth', ...options, url, join(samples, file));
const sub = (...options: string[]): Promise<Outcome> =>
  run('subscribe', '-q', '--no-auth', '-e', '-s', 'EARLIEST', ...options, url);
const bodies = (): string[] => broker.records(topic).map(({ value }) => String(value));
const headersOf = (index = 0): [string, string][] =>
  (broker.records(topic)[index]?.headers ?? []).map(([name, value]) => [name, String(value)]);
const sha256 = (bytes: Uint8Array | null | undefined): string =>
  createHash('sha256')
    .update(bytes ?? '')
    .digest('hex');

/** A port of this machine on which nobody listens. */
async function deadPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

describe('the command line', () => {
  it('HOP-001: shows its version, and those of its parts, without advice', async () => {
    expect(await run('--version')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^hop version \S+\n$/),
      err: '',
    });
    const { code, out } = await run('version');
    expect(code).toBe(0);
    for (const line of out.trimEnd().split('\n')) expect(line).toMatch(/^[^=]+==\S+$/);
  });

  it('HOP-002: help lists the commands in order; the advice is on stderr only', async () => {
    const { code, out, err } = await run('--help');
    const order = ['auth', 'publish', 'subscribe', 'version', 'list-topics', 'broker', 'wire'].map((name) =>
      out.search(new RegExp(`^  ${name}\\b`, 'm')),
    );
    expect(code).toBe(0);
    expect(Math.min(...order)).toBeGreaterThan(0);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(out).not.toContain('my.hop.scimma.org');
    expect(err).toContain('https://my.hop.scimma.org');
  });

  it.each([
    [[], 'hop: error:'],
    [['nope'], 'hop: error:'],
    [['auth'], 'hop auth: error:'],
  ])('HOP-003: %j is a usage error', async (args, text) => {
    expect(await run(...args)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(text) });
  });

  it('HOP-004: names options that exclude each other, and the formats', async () => {
    const both = await run('publish', '-q', '-v', url);
    expect(both).toMatchObject({ code: 2, err: expect.stringMatching(/-q\/--quiet.*|-v\/--verbose.*/) });
    expect(both.err).toContain('-q');
    expect(both.err).toContain('-v');
    const format = await run('publish', '-f', 'NOPE', url);
    expect(format.code).toBe(2);
    for (const name of ['VOEVENT', 'GCNTEXTNOTICE', 'CIRCULAR', 'BLOB', 'JSON']) expect(format.err).toContain(name);
  });

  it('HOP-005: flags combine and long options may be abbreviated', async () => {
    const combined = await run('subscribe', '--no-auth', '-eq', '--st', 'EARLIEST', url);
    expect(combined).toMatchObject({ code: 0, out: '', err: '' });
    const until = await run('subscribe', '--no-auth', '--until', '-q', '--start-at=EARLIEST', url);
    expect(until).toMatchObject({ code: 0, out: '', err: '' });
  });

  it('HOP-006: an address of another scheme is one line, and a stack with -d', async () => {
    expect(await run('list-topics', 'http://h/')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^hop: .*kafka:\/\/.*\n$/),
    });
    for (const args of [
      ['-d', 'list-topics', 'http://h/'],
      ['list-topics', 'http://h/', '-d'],
    ]) {
      expect(await run(...args)).toMatchObject({ code: 1, err: expect.stringMatching(/\n {4}at /) });
    }
  });

  it('HOP-007: refuses several brokers in an address', async () => {
    expect(await run('publish', 'kafka://h1,h2/t', 'f')).toMatchObject({
      code: 1,
      err: expect.stringContaining('multiple broker'),
    });
  });

  it.each([
    ['subscribe', 'kafka://h'],
    ['publish', 'kafka://h', 'f'],
    ['publish', 'kafka://h/a,b', 'f'],
  ])('HOP-008: %s %s complains about topics before it connects', async (...args) => {
    expect(await run(...args)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^hop: .*topic/) });
  });

  it.skipIf(noSamples)(`HOP-009: options and positionals mix in any order${because}`, async () => {
    const file = join(samples, 'circular/hop_example_26936.gcn3');
    expect(await run('publish', url, '-f', 'CIRCULAR', file, '--no-auth')).toMatchObject({ code: 0, out: '' });
    expect(headersOf().find(([name]) => name === '_format')?.[1]).toBe('circular');
    expect(broker.records(topic)).toHaveLength(1);
  });

  it.each([['subscribe'], ['list-topics'], ['publish']])(
    'HOP-011, HOP-012: %s gives up on a dead port in time, naming it',
    async (command) => {
      const port = await deadPort();
      const begun = Date.now();
      const args = [command, '--no-auth', '--connect-timeout', '1', `kafka://127.0.0.1:${port}/t`];
      const { code, err } = await run(...args);
      expect(code).toBe(4);
      expect(Date.now() - begun).toBeGreaterThanOrEqual(1000);
      expect(err).toContain(`127.0.0.1:${port}`);
      expect(err).toContain('refused');
      expect(Date.now() - begun).toBeLessThan(3000);
      expect(await hop(args, { env: { ...env, HOP_EXIT_CODES: 'simple' } })).toMatchObject({ code: 1 });
      const json = await run(...args, '--json-errors');
      expect(JSON.parse(json.err.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ retriable: true });
    },
  );
});

describe('publishing', () => {
  it('HOP-020: each line of standard input is a message, an empty one too', async () => {
    expect(await pub('a\nb\n\nc')).toMatchObject({ code: 0, out: '', err: '' });
    expect(bodies()).toEqual(['a', 'b', '', 'c']);
    expect(headersOf().find(([name]) => name === '_format')?.[1]).toBe('blob');
  });

  it('HOP-021: nothing but the delimiter splits, and bytes stay as they are', async () => {
    const bytes = Buffer.from('610b62e280a863ff', 'hex');
    await pub(Buffer.concat([bytes, Buffer.from('\n')]));
    expect(broker.records(topic).map(({ value }) => value)).toEqual([bytes]);
  });

  it('HOP-022: a CR before the LF is dropped, unless the delimiter is given', async () => {
    await pub('a\r\nb');
    await pub('a\r\nb', '-D', '\\n');
    expect(bodies()).toEqual(['a', 'b', 'a\r', 'b']);
  });

  it('HOP-023: JSON is written as Python writes it', async () => {
    expect(await pub('{"a":1.0,"b":[1,2]}\n"é"\n', '-f', 'JSON')).toMatchObject({ code: 0, out: '' });
    expect(bodies()).toEqual(['{"a": 1.0, "b": [1, 2]}', '"\\u00e9"']);
  });

  it('HOP-024: what precedes bad input is delivered; skipped input is told', async () => {
    expect(await pub('1\n{bad\n3\n', '-f', 'JSON')).toMatchObject({
      code: 1,
      err: expect.stringContaining('standard input, line 2'),
    });
    expect(bodies()).toEqual(['1']);
    expect(await pub('1\n{bad\n3\n', '-f', 'JSON', '--on-bad-input', 'skip')).toMatchObject({ code: 5 });
    expect(bodies()).toEqual(['1', '1', '3']);
  });

  it('HOP-025: formats that lines cannot carry need files or a framing', async () => {
    const { code, err } = await pub('x\n', '-f', 'CIRCULAR');
    expect(code).toBe(1);
    for (const word of ['BLOB', 'JSON', '--whole']) expect(err).toContain(word);
  });

  it('HOP-027: a line from an open pipe is sent when it is complete', async () => {
    const stdin = new PassThrough();
    const running = startHop(['publish', '-q', '--no-auth', '--ack', url], { env, stdin });
    stdin.write('first\nsec');
    await once(running.stdout, 'data');
    expect(bodies()).toEqual(['first']);
    stdin.end('ond\n');
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(bodies()).toEqual(['first', 'second']);
  });

  it.skipIf(noSamples)(`HOP-030: circulars go out byte for byte as from Python${because}`, async () => {
    const files = ['circular', 'circular-synthetic'].flatMap((folder) =>
      readdirSync(join(samples, folder))
        .filter((name) => /\.(txt|gcn3)$/.test(name))
        .map((name) => `${folder}/${name}`),
    );
    expect(files.length).toBeGreaterThan(15);
    const paths = files.map((file) => join(samples, file));
    expect(await run('publish', '-q', '--no-auth', '-f', 'CIRCULAR', url, ...paths)).toMatchObject({
      code: 0,
      err: '',
    });
    const expected = paths.map(
      (path) => JSON.parse(readFileSync(`${path}.expected.json`, 'utf8')).serialized_content_sha256,
    );
    expect(broker.records(topic).map(({ value }) => sha256(value))).toEqual(expected);
  });

  it('HOP-031: headers, key, test flag and acknowledgement', async () => {
    const { code, out } = await pub('x\n', '-t', '-H', 'x=1', '-H', 'x=2', '--key', 'K', '--ack');
    expect(code).toBe(0);
    const [record] = broker.records(topic);
    expect(record?.headers.map(([name]) => name)).toEqual(['x', 'x', '_id', '_test', '_format']);
    expect(String(record?.key)).toBe('K');
    expect(headersOf().find(([name]) => name === '_test')?.[1]).toBe('true');
    const id = record?.headers.find(([name]) => name === '_id')?.[1];
    expect(id).toHaveLength(16);
    expect((id?.[6] ?? 0) >> 4).toBe(4);
    const ack = JSON.parse(out);
    expect(Object.keys(ack)).toEqual(['id', 'topic', 'partition', 'offset', 'timestamp']);
    expect(ack).toMatchObject({ offset: 0, topic, partition: 0 });
    expect(ack.id.replaceAll('-', '')).toBe(id?.toString('hex'));
  });

  it('HOP-032: reserved headers are a usage error', async () => {
    expect(await pub('x', '-H', '_sender=eve')).toMatchObject({ code: 2, err: expect.stringContaining('reserved') });
  });

  it.skipIf(noSamples)(`HOP-033: a missing file ends the run, or is skipped${because}`, async () => {
    const good = join(samples, 'json/hop_example.json');
    const publish = (...options: string[]): Promise<Outcome> =>
      run('publish', '-q', '--no-auth', ...options, url, good, 'missing-file', good);
    expect(await publish()).toMatchObject({ code: 1, err: expect.stringContaining('missing-file') });
    expect(broker.records(topic)).toHaveLength(1);
    expect(await publish('--on-bad-input', 'skip')).toMatchObject({ code: 5 });
    expect(broker.records(topic)).toHaveLength(3);
  });

  it('HOP-035: keys go to the partitions the original chooses', async () => {
    broker.createTopic('keys', 4);
    for (const [key, partition] of [
      ['a', 3],
      ['key1', 0],
      ['K', 1],
      ['GRB', 1],
    ] as const) {
      const before = broker.records('keys', partition).length;
      const args = ['publish', '-q', '--no-auth', '--key', key, `kafka://${broker.bootstrap}/keys`];
      expect(await hop(args, { env, stdin: 'x' })).toMatchObject({ code: 0 });
      expect(broker.records('keys', partition)).toHaveLength(before + 1);
    }
  });
});

describe('subscribing', () => {
  it.skipIf(noSamples)(`HOP-040: a circular comes back as its file${because}`, async () => {
    const file = 'circular/hop_example_26936.gcn3';
    await pubFile(file, '-f', 'CIRCULAR');
    const { code, outBytes, err } = await sub();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(outBytes.equals(readFileSync(join(samples, file)))).toBe(true);
    expect(outBytes).toHaveLength(537);
  });

  it.skipIf(noSamples)(`HOP-041: a VOEvent comes back as its file, with a line end${because}`, async () => {
    const file = 'voevent/hop_LVC_S200302c_preliminary.xml';
    await pubFile(file, '-f', 'VOEVENT');
    const { outBytes } = await sub();
    expect(outBytes.equals(Buffer.concat([readFileSync(join(samples, file)), Buffer.from('\n')]))).toBe(true);
    expect(outBytes).toHaveLength(6011);
  });

  it('HOP-044, HOP-046: unlabelled and legacy JSON keep their digits', async () => {
    broker.append(topic, [
      { value: '{"b":1.50,"a":[1E5,-0]}' },
      { value: '12345678901234567890123' },
      { value: '{"format":"blob","content":{"x":1}}' },
    ]);
    expect((await sub()).out).toBe('{"b": 1.5, "a": [100000.0, 0]}\n12345678901234567890123\n{"x": 1}\n');
    expect((await sub('--raw')).out).toContain('{"b":1.50,"a":[1E5,-0]}\n');
  });

  it('HOP-047: an unknown format is delivered as received, with a warning', async () => {
    broker.append(topic, [{ value: 'x', headers: [['_format', 'nope']] }]);
    expect(await sub()).toMatchObject({
      code: 0,
      out: 'x\n',
      err: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \| hop : WARNING : .*nope.*\n$/),
    });
  });

  it('HOP-049: undecodable messages are delivered as received, told, and counted in the exit code', async () => {
    broker.append(
      topic,
      ['1', '{oops', '2'].map((value) => ({ value, headers: [['_format', 'json']] as const })),
    );
    const { code, out, err } = await sub();
    expect({ code, out }).toEqual({ code: 5, out: '1\n{oops\n2\n' });
    expect(err).toMatch(new RegExp(`^hop: ${topic}\\[0\\]@1: .+\\n$`));
  });

  it('HOP-053: test messages are left out unless they are asked for', async () => {
    await pub('a');
    await pub('b', '-t');
    await pub('c');
    expect((await sub()).out).toBe('a\nc\n');
    expect((await sub('-t')).out).toBe('a\nb\nc\n');
  });

  it('HOP-054: JSON lines have their keys in order', async () => {
    await pub('x', '-t', '-H', 'h=1');
    const line = JSON.parse((await sub('-t', '-j')).out);
    expect(Object.keys(line).join()).toBe(
      'topic,partition,offset,timestamp,time,key,headers,id,sender,test,format,content',
    );
    expect(line).toMatchObject({ test: true, content: 'x', id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });

  it('HOP-055: the delimiter can be anything', async () => {
    await pub('a\nb\n');
    expect((await sub('-D', '\\0')).out).toBe('a\0b\0');
    expect((await sub('-D', '→')).out).toBe('a→b→');
    expect((await sub('-D', '')).out).toBe('ab');
    expect(await sub('-D', '\\')).toMatchObject({ code: 2 });
  });

  it('HOP-058: --limit and --timeout end the run', async () => {
    await pub('a\nb\nc\n');
    expect(await sub('--limit', '2')).toMatchObject({ code: 0, out: 'a\nb\n' });
    const idle = run('subscribe', '-q', '--no-auth', '-s', 'EARLIEST', '--timeout', '0.2', url);
    expect(await idle).toMatchObject({ code: 0, out: 'a\nb\nc\n' });
    expect(await sub('-s', 'YESTERDAY')).toMatchObject({ code: 2 });
  });

  it('HOP-059: a group goes on where it committed', async () => {
    await pub('a\nb\nc\n');
    expect(await sub('-g', 'g59', '--limit', '2')).toMatchObject({ out: 'a\nb\n' });
    expect(broker.committed('g59', topic)).toBe(2n);
    expect(await sub('-g', 'g59')).toMatchObject({ out: 'c\n' });
    expect(await sub('-g', 'g59')).toMatchObject({ out: '' });
  });

  it('HOP-061: a missing topic is named with what may have been meant, and not created', async () => {
    broker.createTopic('gcn.circular');
    const { code, err } = await run('subscribe', '-q', '--no-auth', '-e', `kafka://${broker.bootstrap}/gcn.circulars`);
    expect(code).toBe(1);
    expect(err).toContain('topic gcn.circulars does not exist');
    expect(err).toContain('gcn.circular\n');
    expect(broker.topicNames()).not.toContain('gcn.circulars');
  });

  it('HOP-013: an interrupt ends a waiting subscriber at once, without loss', async () => {
    const running = startHop(['subscribe', '--no-auth', '-s', 'EARLIEST', url], { env });
    await running.saidOnStderr('processing');
    running.interrupt();
    const { code, err } = await running.ended;
    expect(code).toBe(0);
    for (const line of err.trimEnd().split('\n'))
      expect(line).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \| hop : [A-Z]+ : ./);
  });

  it('a message published to a running subscriber arrives', async () => {
    const running = startHop(['subscribe', '-v', '--no-auth', '-s', 'EARLIEST', '--limit', '1', url], { env });
    await running.saidOnStderr('processing');
    await pub('late');
    expect(await running.ended).toMatchObject({ code: 0, out: 'late\n' });
  });
});
