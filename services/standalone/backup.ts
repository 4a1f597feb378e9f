/**
 * `npm run backup -- --to FILE` and `npm run restore -- --from FILE`: of the database that HUB_DATABASE_URL names, or of
 * the embedded one in DIPPER_DATA, which is started for it and must not be in use (stop `npm start` first).
 */
import { runDatabaseTool } from './database-tool.ts';

runDatabaseTool('services/hub/backup/main.ts').then(
  (code) => process.exit(code),
  (error: Error & { code?: string }) => {
    process.stderr.write(`${error.code ?? 'BACKUP_FAILED'}: ${error.message}\n`);
    process.exit(1);
  },
);
