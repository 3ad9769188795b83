import { describe, expect, it } from 'vitest';
import { parseUrl } from './kafka-url.ts';
import { withoutPassword } from './masked.ts';

describe('an address is shown', () => {
  it.each([
    ['kafka://u:secret@h:1/t', 'kafka://u:***@h:1/t'],
    ['u:secret@h:1', 'u:***@h:1'],
    ['kafka://u:sec/ret@h/t', 'kafka://u:***@h/t'],
    ['kafka://u:sec@ret@h/t', 'kafka://u:***@h/t'],
    ['kafka://:secret@h', 'kafka://:***@h'],
    ['kafka://h/t?password=secret', 'kafka://h/t?***'],
    ['kafka://h/t#secret', 'kafka://h/t#***'],
    ['kafka://u:sec?ret@h', 'kafka://u:***@h'],
    ['kafka://h/t?password=1@secret', 'kafka://h/t?***'],
    ['kafka://h:1/t?password=1@secret', 'kafka://h:1/t?***'],
    ['kafka://h?user=u:1@secret', 'kafka://h?***'],
  ])('without its password: %s as %s', (address, shown) => {
    expect(withoutPassword(address)).toBe(shown);
  });

  it.each(['kafka://u@h:9092/t', 'kafka://h:9092/a@b', 'kafka://@name/t', 'h:9092', '[::1]:9092', ''])(
    'as it is when there is none: %s',
    (address) => {
      expect(withoutPassword(address)).toBe(address);
    },
  );
});

it.each([
  'kafka://alice:secret@/t',
  'kafka://alice:secret@h:99999/t',
  'kafka://alice:secret@h1,h2/t',
  'kafka://alice:se%zzcret@h/t',
  'kafka://alice:secret/1@h/t',
  'kafka://alice:secret@h/t/',
  'kafka://alice:secret@h/t,',
  'http://alice:secret@h/t',
  'alice:secret@h',
  'kafka://alice:1@secret@h/t',
  'kafka://h:bad/t?password=secret',
  'kafka://h/t,?password=1@secret',
  'http://h/t?password=secret',
])('no error about an address tells its password: %s', (url) => {
  expect.assertions(2);
  try {
    parseUrl(url);
  } catch (error) {
    expect(error).toMatchObject({ code: 'URL' });
    expect(String(error)).not.toMatch(/secret|cret/);
  }
});
