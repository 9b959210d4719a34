import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const brotli = promisify(brotliCompress);
const deflate = promisify(gzip);

/** Writes a `.br` and a `.gz` beside every text file of the build that they make smaller, so that
 * the gateway only sends bytes. */
export function compress(): Plugin {
  let folder = 'dist';
  return {
    name: 'tidegate-compress',
    apply: 'build',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    async writeBundle() {
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(js|css|html|svg|json)$/.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        const plain = await readFile(path);
        if (plain.length < 600) continue;
        const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
        const smaller = await brotli(plain, { params });
        const zipped = await deflate(plain, { level: constants.Z_BEST_COMPRESSION });
        if (smaller.length < plain.length) await writeFile(`${path}.br`, smaller);
        if (zipped.length < plain.length) await writeFile(`${path}.gz`, zipped);
      }
    },
  };
}
