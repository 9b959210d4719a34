import { describe, expect, it } from 'vitest';
import { readable } from './readable';

describe('readable', () => {
  it('indents JSON', () => {
    expect(readable({ data: '{"a":[1]}', encoding: 'utf8' })).toBe('{\n  "a": [\n    1\n  ]\n}');
  });
  it('leaves a stream and JSON that was cut as they are', () => {
    for (const data of ['data: {"a":1}\n\n', '{"a":[1', '']) {
      expect(readable({ data, encoding: 'utf8' })).toBe(data);
    }
  });
  it('says what is no text', () => {
    expect(readable({ data: 'AAAA', encoding: 'base64' })).toBe('3 B that are no text');
  });
});
