import { dirname } from 'node:path';
import { type HubConfig, readHubConfig } from '../config.ts';
import { ConfigInvalidError } from '../config-error.ts';
import { readPlacesFile } from '../domains/place/place.file.ts';
import { readRetentionFile } from '../retention/retention-file.ts';
import { CONDITIONS } from '../rules/conditions.ts';
import { readRulesFile } from '../rules/rule-file.ts';
import { checkBroker } from './check-broker.ts';
import { checkDatabase } from './check-database.ts';
import {
  checkBrokerPasswords,
  checkConsole,
  checkDisk,
  checkFiles,
  checkKeys,
  type ReadableFile,
} from './check-files.ts';
import { checkAddress, checkNode, checkTimeSync } from './check-machine.ts';
import { type Finding, finding } from './finding.ts';

/**
 * Looks at everything that a hub with this environment would need. Changes nothing, makes no key, and needs no hub that
 * runs.
 */
export async function examine(env: NodeJS.ProcessEnv, nodeVersion: string): Promise<Finding[]> {
  const findings: Finding[] = [checkNode(nodeVersion)];
  let config: HubConfig;
  try {
    config = readHubConfig(env);
    findings.push(finding('ok', 'SETTINGS_OK'));
  } catch (error) {
    if (!(error instanceof ConfigInvalidError)) throw error;
    return [...findings, ...error.problems.map((problem) => finding('wrong', 'SETTING_INVALID', { problem }))];
  }
  findings.push(...checkFiles(filesOf(config)), ...checkKeys(config), checkConsole(config));
  findings.push(...checkBrokerPasswords(config), ...checkDisk(dirname(config.signingKeyFile)));
  const [database, broker, address, timeSync] = await Promise.all([
    checkDatabase(config.databaseUrl),
    checkBroker(config.mqtt),
    checkAddress(config),
    checkTimeSync(),
  ]);
  return [...findings, ...database, ...broker, ...address, timeSync];
}

function filesOf({ rulesFile, placesFile, retentionFile }: HubConfig): ReadableFile[] {
  return [
    { what: 'rules', file: rulesFile, read: () => readRulesFile(rulesFile, CONDITIONS) },
    { what: 'places', file: placesFile, read: () => readPlacesFile(placesFile) },
    { what: 'retention', file: retentionFile, read: () => readRetentionFile(retentionFile) },
  ];
}
