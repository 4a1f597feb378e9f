import { parseArgs } from 'node:util';
import { ensureModels, modelsDir } from './ensure-models.ts';
import { ModelError } from './errors.ts';
import { MANIFEST, type ModelSet } from './manifest.ts';

const USAGE = `Fetches and verifies the models: npm run models [-- --set NAME]… [--dir FOLDER]
  --set  ${Object.keys(MANIFEST.sets).join(', ')}; default: face-capture
  --dir  default: DIPPER_MODELS_DIR, else models in the data folder`;

function isModelSet(name: string): name is ModelSet {
  return Object.hasOwn(MANIFEST.sets, name);
}

async function main(): Promise<number> {
  let args: { set?: string[]; dir?: string; help?: boolean };
  try {
    const options = {
      set: { type: 'string', multiple: true },
      dir: { type: 'string' },
      help: { type: 'boolean' },
    } as const;
    args = parseArgs({ options }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    return 2;
  }
  const sets = args.set ?? ['face-capture'];
  if (args.help === true || !sets.every(isModelSet)) {
    console.error(USAGE);
    return args.help === true ? 0 : 2;
  }
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());
  try {
    const dir = args.dir ?? modelsDir(process.env);
    const models = await ensureModels({ dir, sets, onProgress: console.log, signal: stopping.signal });
    for (const [name, { path }] of Object.entries(models)) console.log(`${name}: ${path}`);
    return 0;
  } catch (error) {
    if (stopping.signal.aborted) return 130;
    if (!(error instanceof ModelError)) throw error;
    console.error(`${error.code}: ${error.message}`);
    return 1;
  }
}

process.exitCode = await main();
