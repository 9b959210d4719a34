import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** Kilobytes as they are sent (gzip). What each page needs before anything of it shows: the entry, and what it
 * imports at once, of scripts and of styles. Then any one other chunk. README.md says what is in them. */
const BUDGET = { scripts: 165, styles: 8, chunk: 32 };

const sent = (content: string | Uint8Array) => gzipSync(content, { level: 9 }).length / 1000;

/** Fails the build when it grows out of its budget: whoever adds to it does so knowingly. */
export function budget(): Plugin {
  return {
    name: 'tidegate-budget',
    apply: 'build',
    generateBundle(_, bundle) {
      const over = (what: string, size: number, limit: number) => {
        if (size > limit)
          this.error(
            `${what} would be ${size.toFixed(1)} kB (gzip), more than the ${limit} kB of vite/budget.ts`,
          );
      };
      const first = new Set<string>();
      const follow = (name: string) => {
        const chunk = bundle[name];
        if (first.has(name) || chunk?.type !== 'chunk') return;
        first.add(name);
        chunk.imports.forEach(follow);
      };
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === 'chunk' && chunk.isEntry) follow(chunk.fileName);
      }
      let [scripts, styles] = [0, 0];
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        const size = sent(chunk.code);
        if (!first.has(chunk.fileName)) {
          over(chunk.fileName, size, BUDGET.chunk);
          continue;
        }
        scripts += size;
        for (const name of chunk.viteMetadata?.importedCss ?? []) {
          const style = bundle[name];
          if (style?.type === 'asset') styles += sent(style.source);
        }
      }
      over('what every page needs of scripts', scripts, BUDGET.scripts);
      over('what every page needs of styles', styles, BUDGET.styles);
      this.info(`every page: ${scripts.toFixed(1)} kB of scripts, ${styles.toFixed(1)} of styles`);
    },
  };
}
