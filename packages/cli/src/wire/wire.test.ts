import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, scramSha256 } from '@hopwire/client';
import { BatchBuilder, encodeRequestFrame, encodeResponseFrame, Heartbeat } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hop, type Running, startHop } from '../testing/terminal.ts';

const env = { HOME: '/nonexistent' };
const body = { groupId: 'g', generationId: 3, memberId: 'm', groupInstanceId: null };
const request = encodeRequestFrame(Heartbeat, 4, body, { correlationId: 7, clientId: 'me' });
const response = encodeResponseFrame(Heartbeat, 4, { throttleTimeMs: 0, errorCode: 27 }, 7);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hop-wire-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Writes a file and gives its path. */
async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const wire = (args: readonly string[], stdin: string | Uint8Array = ''): ReturnType<typeof hop> =>
  hop(['wire', ...args], { env, stdin });

describe('hop wire', () => {
  it('explains hex digits, files of them, binary files and standard input alike', async () => {
    const hex = request.toString('hex');
    const { out, code, err } = await wire([hex]);
    expect(out).toContain('generationId = 3');
    expect(out).not.toContain('!!');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const spaced = `${hex.replace(/../g, '$&:')}\n`;
    for (const path of [await file('hex.txt', spaced), await file('frame.bin', request)]) {
      expect((await wire([path])).out).toBe(out);
    }
    for (const input of [hex, request]) expect((await wire(['-'], input)).out).toBe(out);
  });

  it('explains response frames, bodies and record sets when told what they are', async () => {
    const answer = await wire(['--response', 'heartbeat:4', response.toString('hex')]);
    expect(answer.out).toContain('errorCode = 27 REBALANCE_IN_PROGRESS');
    const asked = await wire(['-', '--request', '12:4', '--body'], request.subarray(17));
    expect(asked.out).toMatch(/^ {6}Heartbeat v4 request\n0000 {2}.*groupId = "g"\n/);
    const batch = new BatchBuilder();
    for (let i = 0; i < 5; i++) batch.append(0, null, `v${i}`);
    const records = await wire(['-', '--records', '--most-records', '2'], batch.seal());
    expect(records.out).toContain('record[1].value = 2 bytes "v1"');
    expect(records.out).toContain('3 more records');
  });

  it('marks errors where they occur, and still succeeds: the dump is what was asked for', async () => {
    const { out, code } = await wire([request.subarray(0, -4).toString('hex')]);
    expect(out).toMatch(/!! frame of 23 bytes announced, 19 follow/);
    expect(out).toMatch(/!! memberId: /);
    expect(code).toBe(0);
  });

  it.each([
    [[], 'the following arguments are required: SOURCE, or --follow HOST:PORT'],
    [['no-such-file'], 'neither a file nor hex digits: no-such-file'],
    [['00', '--response', 'Nothing:1'], 'no API Nothing; there are Produce, Fetch,'],
    [['00', '--response', 'Heartbeat:9'], 'Heartbeat:9: Heartbeat has versions 0 to 4'],
    [['00', '--body'], 'argument --body: say which with --request API:VERSION or --response API:VERSION'],
    [['00', '--records', '--frames'], 'only one of --frames, --request, --response and --records can be true'],
    [['00', '--body', '--request', 'Heartbeat'], 'Heartbeat: which version? Heartbeat has versions 0 to 4'],
    [['00', '--request', 'Heartbeat:4'], 'argument --request: only with --body'],
    [['00', '--frames', '--body'], 'argument --body: say which with'],
    [['00', '--brief'], 'argument --brief: only with --follow HOST:PORT'],
    [['00', '--no-rewrite'], 'argument --no-rewrite: only with --follow HOST:PORT'],
    [['--follow', 'a:1', '--records'], 'argument --follow: not allowed with --records'],
    [['--follow', 'a:1', '--ca', '/nonexistent/ca.pem'], 'argument --ca: no such file: /nonexistent/ca.pem'],
    [['-'], 'no bytes in standard input'],
    [[tmpdir()], `a folder, not a file: ${tmpdir()}`],
    [['00', '--follow', 'a:1'], 'argument --follow: not allowed with SOURCE'],
    [['--follow', 'nowhere'], 'argument --follow: not HOST:PORT: nowhere'],
    [['--follow', 'a:1', '--listen', 'b'], 'argument --listen: not [HOST:]PORT: b'],
  ])('refuses %j', async (args, reason) => {
    const { code, err, out } = await wire(args);
    expect(err).toContain(`hop wire: error: ${reason}`);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).not.toContain('credential');
  });

  it('has examples in its help, each of which is understood', async () => {
    const { out, err } = await wire(['--help']);
    expect(err).toBe('');
    const examples = out.split('\nExamples:\n')[1]?.trimEnd().split('\n') ?? [];
    expect(examples.length).toBeGreaterThan(4);
    for (const example of examples) {
      const args = example.replace(/^.*\bhop /, '').split(' ');
      // With --help appended nothing runs, but an unknown option is still refused.
      expect((await hop([...args, '--help'], { env })).code, example).toBe(0);
    }
  });
});

/** A proxy that runs, and where. */
async function following(...args: string[]): Promise<Running & { address: string }> {
  const running = startHop(['wire', '--follow', ...args], { env });
  const [chunk] = await once(running.stdout, 'data');
  return { ...running, address: /^listening on (\S+) for /.exec(String(chunk))?.[1] ?? '' };
}

describe('hop wire --follow', () => {
  it('prints every frame with what is in it, secrets left out, until it is interrupted', async () => {
    await using broker = await TestBroker.start({ topics: { t: 1 }, users: { alice: 'secret' } });
    const running = await following(broker.bootstrap);
    const sasl = scramSha256({ username: 'alice', password: 'secret' });
    await using kafka = createClient({ brokers: [running.address], sasl });
    await using producer = kafka.producer();
    await producer.send({ topic: 't', value: 'hello' });
    await Promise.all([producer.close(), kafka.close()]);
    running.interrupt();
    const { code, out } = await running.ended;
    expect(code).toBe(0);
    expect(out).toMatch(/^[\d:.]+Z {2}#1 = {2}127\.0\.0\.1:\d+ to 127\.0\.0\.1:\d+$/m);
    expect(out).toMatch(/^[\d:.]+Z {2}#\d > {2}Produce v\d+ request {2}\d+ B {2}correlation \d+ {2}client "\S+"$/m);
    expect(out).toContain('record[0].value = 5 bytes "hello"');
    expect(out).toMatch(/^[\d:.]+Z {2}#\d < {2}Metadata v\d+ response .* ms {2}1 addresses rewritten$/m);
    expect(out).toMatch(/authBytes = \d+ bytes, not shown/);
    expect(out).not.toContain(Buffer.from('n=alice').toString('hex'));
  });

  it('--brief prints a line for each frame, with the errors that are in it', async () => {
    await using broker = await TestBroker.start({ topics: { t: 1 }, autoCreateTopics: false });
    const running = await following(broker.bootstrap, '--brief', '--no-rewrite', '--listen', '0');
    await using kafka = createClient({ brokers: [running.address] });
    await expect(kafka.admin().describeTopics(['missing'])).resolves.toBeDefined();
    await kafka.close();
    running.interrupt();
    const lines = (await running.ended).out.trimEnd().split('\n').slice(1);
    for (const line of lines) expect(line).toMatch(/^\d\d:\d\d:\d\d\.\d{3}Z {2}#\d+ [<>=] {2}\S/);
    expect(lines.join('\n')).toMatch(/< {2}Metadata v\d+ response .* ms {2}3 UNKNOWN_TOPIC_OR_PARTITION$/m);
    expect(lines.join('\n')).not.toContain('rewritten');
  });

  it('a port that is taken is one line, with advice', async () => {
    await using broker = await TestBroker.start();
    const { code, err } = await wire(['--follow', '127.0.0.1:1', '--listen', broker.bootstrap]);
    expect(err).toMatch(/^hop: cannot listen: .*EADDRINUSE.*\n {2}hint: choose another port with --listen\n$/);
    expect(code).toBe(4);
  });
});
