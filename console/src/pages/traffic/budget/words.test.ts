import { describe, expect, it } from 'vitest';
import { microOf, typedOf } from './words';

describe('amounts', () => {
  it('are read to the millionth', () => {
    expect(microOf('12.5')).toBe(12_500_000);
    expect(microOf(' $1,000.000001 ')).toBe(1_000_000_001);
    expect(microOf('0.07')).toBe(70_000);
  });
  it('refuse what is none', () => {
    for (const bad of ['', '-1', '1.2345678', '1e3', 'ten', '.5', '1.']) {
      expect(microOf(bad)).toBeNull();
    }
  });
  it('come back as they were', () => {
    for (const micro of [0, 1, 70_000, 12_500_000, 1_000_000_001, 123_456_789_012]) {
      expect(microOf(typedOf(micro))).toBe(micro);
    }
  });
});
