import { expect, test } from 'vitest';
import { limitWords } from './limits';

test('a limit says what it limits and nothing else', () => {
  const none = { requests_per_minute: null, tokens_per_minute: null, concurrency: null };
  expect(limitWords({ ...none, requests_per_minute: 600, concurrency: 0 })).toBe(
    '600 req/min, 0 at once',
  );
  expect(limitWords({ ...none, tokens_per_minute: 40 })).toBe('40 tok/min');
  expect(limitWords(none)).toBe('');
});
