// Writes from the gateway's OpenAPI document what the console knows of it: src/api/schema.d.ts (its types) and
// src/api/roles.ts (who may call what); with `--check`, says whether they are stale and changes nothing.
import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';

const source = new URL('../../docs/openapi/admin.json', import.meta.url);
const head = '// Generated from docs/openapi/admin.json by `npm run api`. Do not edit.\n\n';

/** Operations, and the roles that may call them, from `x-tidegate-roles`. */
async function roles() {
  const { paths } = JSON.parse(await readFile(source, 'utf8'));
  const rows = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation['x-tidegate-roles'])
      .map(([method, operation]) => [
        `${method.toUpperCase()} ${path}`,
        operation['x-tidegate-roles'],
      ]),
  );
  const table = JSON.stringify(Object.fromEntries(rows.sort()), null, 2);
  const target = new URL('../src/api/roles.ts', import.meta.url);
  const style = await resolveConfig(target);
  return format(`/** Who may call what. */\nexport const MAY = ${table} as const;\n`, {
    ...style,
    parser: 'typescript',
  });
}

const files = {
  'schema.d.ts': astToString(await openapiTS(source, { alphabetize: true })),
  'roles.ts': await roles(),
};
for (const [name, body] of Object.entries(files)) {
  const target = new URL(`../src/api/${name}`, import.meta.url);
  if (!process.argv.includes('--check')) {
    await writeFile(target, head + body);
  } else if ((await readFile(target, 'utf8').catch(() => '')) !== head + body) {
    console.error(`src/api/${name} is older than docs/openapi/admin.json: run \`npm run api\`.`);
    process.exitCode = 1;
  }
}
