import { expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { onlyElement } from './only-element.ts';

it('the only element is taken from its list, even when it is empty itself', () => {
  expect(onlyElement([7], 'FindCoordinator', 3, 'keys')).toBe(7);
  expect(onlyElement([''], 'FindCoordinator', 3, 'keys')).toBe('');
});

it.each([[[]], [['a', 'b']]])('another number of elements is refused, and said: %j', (list) => {
  expect(() => onlyElement(list, 'FindCoordinator', 3, 'keys')).toThrow(UnsupportedFieldError);
  expect(() => onlyElement(list, 'FindCoordinator', 3, 'keys')).toThrow(`${list.length} keys`);
});
