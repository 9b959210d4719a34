// Writes src/api/schema.d.ts from the gateway's OpenAPI document; with `--check`, says whether it is
// stale and changes nothing.
import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const source = new URL('../../docs/openapi/admin.json', import.meta.url);
const target = new URL('../src/api/schema.d.ts', import.meta.url);
const head = '// Generated from docs/openapi/admin.json by `npm run api`. Do not edit.\n\n';
const text = head + astToString(await openapiTS(source, { alphabetize: true }));

if (!process.argv.includes('--check')) {
  await writeFile(target, text);
} else if ((await readFile(target, 'utf8').catch(() => '')) !== text) {
  console.error('src/api/schema.d.ts is older than docs/openapi/admin.json: run `npm run api`.');
  process.exit(1);
}
