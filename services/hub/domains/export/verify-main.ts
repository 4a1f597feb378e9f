import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { JWK } from 'jose';
import { verifyExport } from './export-manifest.ts';

const USAGE = 'npm run export:verify -- VIDEO.mp4 MANIFEST.json --key hub.pub.jwk [--key hub.retired.jwks]';

/** Says whether a file is, byte for byte, what a hub handed out. Exit code 0: it is; 1: it is not; 2: could not be told. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { key: { type: 'string', multiple: true } },
  });
  const [video, manifestFile] = positionals;
  const keyFiles = values.key ?? [];
  if (video === undefined || manifestFile === undefined || keyFiles.length === 0) {
    console.error(USAGE);
    return 2;
  }
  const missing = [video, manifestFile, ...keyFiles].find((file) => !existsSync(file));
  if (missing !== undefined) {
    console.error(`FILE_MISSING: there is no ${missing}`);
    return 2;
  }
  const keys = keyFiles.flatMap((file) => {
    const read = JSON.parse(readFileSync(file, 'utf8')) as JWK | { readonly keys: readonly JWK[] };
    return 'keys' in read && Array.isArray(read.keys) ? (read.keys as JWK[]) : [read as JWK];
  });
  const problems = await verifyExport(video, JSON.parse(readFileSync(manifestFile, 'utf8')), keys);
  for (const problem of problems) console.error(JSON.stringify(problem));
  console.log(problems.length === 0 ? 'The file is what was handed out.' : 'The file is NOT what was handed out.');
  return problems.length === 0 ? 0 : 1;
}

process.exitCode = await main();
