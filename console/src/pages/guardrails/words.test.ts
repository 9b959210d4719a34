import { describe, expect, it } from 'vitest';
import {
  type Applied,
  BLANK,
  type Definition,
  EVERYBODY,
  actionWords,
  appliedWords,
  concernWords,
  detectWords,
  linesOf,
  listOf,
  sideWords,
} from './words';

const of = (more: Partial<Definition>): Definition => ({ ...BLANK, ...more });

describe('a guardrail in words', () => {
  it('says what it looks for', () => {
    expect(detectWords(BLANK)).toBe('Credentials');
    expect(
      detectWords(
        of({ detect: { kind: 'rules', groups: ['personal'], except: ['ipv4'], min_score: 0.5 } }),
      ),
    ).toBe('Personal data, but ipv4');
    expect(detectWords(of({ detect: { kind: 'terms', words: ['a', 'b'], patterns: ['c'] } }))).toBe(
      '3 words or patterns',
    );
    expect(detectWords(of({ detect: { kind: 'tools', names: ['bash'] } }))).toBe('Tools bash');
  });

  it('says what it does, and to what', () => {
    expect(actionWords({ do: 'redact' })).toBe('Replaces by its name');
    expect(actionWords({ do: 'block' })).toBe('Blocks');
    expect(sideWords(of({ answers: false }))).toBe('Prompts');
    expect(sideWords(BLANK)).toBe('Prompts, answers');
  });

  it('says whom it concerns', () => {
    expect(concernWords(BLANK)).toBe('Every call');
    expect(
      concernWords(
        of({ scope: { ...EVERYBODY, teams: ['t'], relayed: true }, condition: 'x', sample: 5 }),
      ),
    ).toBe('1 team · laptops · a condition, 5 of 100');
  });

  it('says what came of it', () => {
    const applied: Applied = {
      guardrail: 'g',
      detector: 'github-pat',
      phase: 'prompt',
      action: 'redact',
      shadow: false,
      count: 2,
      places: ['text'],
      error: null,
      micros: 3,
    };
    expect(appliedWords(applied)).toBe('Replaced github-pat 2 times');
    expect(appliedWords({ ...applied, shadow: true, count: 1 })).toBe(
      'In shadow: would replace github-pat',
    );
    expect(appliedWords({ ...applied, action: 'bypassed', error: 'it was binary' })).toBe(
      'Did not look: it was binary',
    );
  });
});

describe('lists that are typed', () => {
  it('are cut at commas and lines, patterns at lines only', () => {
    expect(listOf(' a, b\n\nc ')).toEqual(['a', 'b', 'c']);
    expect(linesOf('x{1,3}\n y ')).toEqual(['x{1,3}', 'y']);
  });
});
