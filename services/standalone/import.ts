/**
 * `npm run import -- FILE… [--dry-run] [--keep | --remove]`: into the database that HUB_DATABASE_URL names, or into the
 * embedded one in DIPPER_DATA.
 */
import { runDatabaseTool } from './database-tool.ts';

runDatabaseTool('services/hub/import/main.ts').then(
  (code) => process.exit(code),
  (error: Error & { code?: string }) => {
    process.stderr.write(`${error.code ?? 'IMPORT_FAILED'}: ${error.message}\n`);
    process.exit(1);
  },
);
