import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { HubConfig } from './config.ts';
import { isDatabaseUnavailable } from './database/errors.ts';
import { migrate, readMigrations } from './database/migrate.ts';
import type { DatabasePool } from './database/pool.ts';
import { createAgentService } from './domains/agent/agent.service.ts';
import { createAlarmService } from './domains/alarm/alarm.service.ts';
import { createDecide } from './domains/alarm/decision.ts';
import { createAlarmFiguresService } from './domains/alarm-figures/alarm-figures.service.ts';
import { createAuditRetention } from './domains/audit/audit-retention.ts';
import { createCaseRetention } from './domains/case/case-retention.ts';
import { createCases, readCaseTerms } from './domains/case/cases.ts';
import { createChangeFeed } from './domains/change/change-reader.ts';
import { createDeviceService } from './domains/device/device.service.ts';
import { createEventService } from './domains/event/event.service.ts';
import { createEventCountService } from './domains/event/event-count.service.ts';
import { createHandoverService } from './domains/handover/handover.service.ts';
import type { Readiness } from './domains/health/health.routes.ts';
import { createImportService } from './domains/import/import.service.ts';
import { createIncidentService } from './domains/incident/incident.service.ts';
import { createOutOfServiceService } from './domains/out-of-service/out-of-service.service.ts';
import { readPlacesFile } from './domains/place/place.file.ts';
import { upsertInventory } from './domains/place/place.repository.ts';
import { createPlaceService } from './domains/place/place.service.ts';
import { createLivePlaceDirectory } from './domains/place/place-directory.ts';
import { createPlaceKeeper } from './domains/place/place-keeper.ts';
import { createPlaceTreeService } from './domains/place/place-tree.service.ts';
import { createRosterService } from './domains/roster/roster.service.ts';
import { createRuleService } from './domains/rule/rule.service.ts';
import { createRuleKeeper } from './domains/rule/rule-keeper.ts';
import { createShelfService } from './domains/shelf/shelf.service.ts';
import { createEvaluator } from './evaluator/evaluator.ts';
import type { EventFollower } from './evaluator/event-follower.ts';
import { createJudge } from './evaluator/judge.ts';
import { createEvaluatorMetrics } from './evaluator/metrics.ts';
import { createRuleGuard } from './evaluator/rule-guard.ts';
import { createTimers } from './evaluator/timers.ts';
import { createEdgeMessenger } from './ingest/edge-messenger.ts';
import { createResultsHandler } from './ingest/handlers/results.handler.ts';
import { createInbox } from './ingest/inbox.ts';
import { createIngest } from './ingest/ingest.ts';
import { createIngestMetrics } from './ingest/metrics.ts';
import { type MqttSession, openMqttSession } from './ingest/mqtt-session.ts';
import { createLateHours } from './retention/late-hours.ts';
import { createMaintenance } from './retention/maintenance.ts';
import { createRetentionMetrics } from './retention/metrics.ts';
import { createRetentionService } from './retention/retention.service.ts';
import { readRetentionFile } from './retention/retention-file.ts';
import { retry } from './retry.ts';
import { CONDITIONS, type ConditionRegistry } from './rules/conditions.ts';
import { createLiveRuleBook } from './rules/live-rule-book.ts';
import type { RulesFile } from './rules/rule.ts';
import { createRuleBook, type RuleBook } from './rules/rule-book.ts';
import { readRulesFile } from './rules/rule-file.ts';
import type { HubServices } from './services.ts';
import type { SigningKeySource } from './signing-key.ts';

export interface DataOptions {
  readonly config: Pick<
    HubConfig,
    'mqtt' | 'rulesFile' | 'placesFile' | 'retentionFile' | 'categoriesFile' | 'calendarFile' | 'mediaDir'
  >;
  readonly database: DatabasePool;
  /** Ed25519, for receipts. */
  readonly signingKey: SigningKeySource;
  readonly log: Logger;
  readonly metrics: Registry;
  /** Milliseconds since 1970; `Date.now` when absent. */
  readonly now?: () => number;
  /** Milliseconds that pass evenly; `performance.now` when absent. */
  readonly monotonicNow?: () => number;
  /** What takes in what events say, beside the rules. */
  readonly followers?: readonly EventFollower[];
  /** What rules may ask; those of `rules/conditions.ts` when absent. */
  readonly conditions?: ConditionRegistry;
}

export interface Data {
  readonly services: HubServices;
  /**
   * Brings schema and inventory up to date; waits for a database that is not up yet.
   * @throws MigrationError
   */
  migrate(onProgress: (message: string, fraction?: number) => void, signal: AbortSignal): Promise<void>;
  /** Connects to the broker and begins to store and judge. */
  start(): void;
  /** Ends what `start` began; the database stays open, it belongs to the caller. */
  stop(): Promise<void>;
  readiness(): Promise<Readiness>;
}

/**
 * The data side of the hub: ingest, evaluator, timers, and the services that read what they write.
 * @throws ConfigInvalidError when rules or places cannot be used
 */
export function createData(options: DataOptions): Data {
  const { config, database, log, now = Date.now, conditions = CONDITIONS } = options;
  const { monotonicNow = () => performance.now() } = options;
  const { db } = database;
  const placesFile = readPlacesFile(config.placesFile);
  const places = createLivePlaceDirectory(placesFile);
  const placeKeeper = createPlaceKeeper({ db, file: placesFile, directory: places, log });
  const policy = readRetentionFile(config.retentionFile);
  const terms = readCaseTerms(config, log);
  const categories = terms.categories.map(({ id }) => id);
  const file = readRulesFile(config.rulesFile, conditions, categories);
  const bookOf = (rulesOf: RulesFile): RuleBook => createRuleBook(rulesOf, conditions, places, terms);
  const rules = createLiveRuleBook(bookOf(file));
  const ruleSource = { db, file, vocabulary: { conditions, categories }, bookOf };
  const ruleKeeper = createRuleKeeper({ ...ruleSource, book: rules, log });

  const changes = createChangeFeed(db, log);
  const results = createResultsHandler();
  const inbox = createInbox();
  let session: MqttSession | undefined;
  let hasMigrated = false;

  const evaluatorMetrics = createEvaluatorMetrics(options.metrics);
  const guard = createRuleGuard({ metrics: evaluatorMetrics, log });
  const judge = createJudge(guard);
  const shared = { db, rules, places, log, now, onCommit: changes.nudge };
  const decide = createDecide(shared);
  const cases = createCases({ ...shared, terms, mediaDir: config.mediaDir });
  const evaluator = createEvaluator({
    ...{ ...shared, judge, metrics: evaluatorMetrics, followers: options.followers ?? [] },
  });
  const timers = createTimers({
    ...shared,
    judge,
    guard,
    metrics: evaluatorMetrics,
    monotonicNow,
    listeningSince: () => session?.connectedSince(),
  });
  const lateHours = createLateHours();
  const ingest = createIngest({
    db,
    inbox,
    results,
    lateHours,
    signingKey: options.signingKey,
    sendReceipt: (address, receipt) => session?.sendReceipt(address, receipt),
    metrics: createIngestMetrics(options.metrics, () => inbox.batches),
    log,
    now,
    onCommit() {
      changes.nudge();
      evaluator.nudge();
    },
  });

  const stopping = new AbortController();
  const caseRetention = createCaseRetention(config.mediaDir);
  const maintenance = createMaintenance({
    db: database.slow,
    policy,
    lateHours,
    audit: createAuditRetention(options.signingKey, now),
    cases: caseRetention,
    metrics: createRetentionMetrics(options.metrics),
    log,
    now,
  });
  let loops: Promise<unknown> = Promise.resolve();
  return {
    services: {
      alarms: createAlarmService(shared),
      shelves: createShelfService({ db, rules, decide }),
      outOfService: createOutOfServiceService({ db, decide }),
      alarmFigures: createAlarmFiguresService({ db, rules, now }),
      handovers: createHandoverService(db, now),
      rules: createRuleService({ ...ruleSource, places, now, refresh: ruleKeeper.refresh }),
      incidents: createIncidentService({ db, decide }),
      cases: cases.service,
      caseAttachments: cases.attachments,
      caseFigures: cases.figures,
      residentReports: cases.reports,
      caseTerms: terms,
      events: createEventService(db),
      eventCounts: createEventCountService(db, now),
      retention: createRetentionService(db, policy, caseRetention),
      devices: createDeviceService(db),
      agents: createAgentService({ db, silenceMs: rules.agentSilenceMs, now }),
      places: createPlaceService(db, now),
      placeTree: createPlaceTreeService(db, now),
      roster: createRosterService(db, now),
      imports: createImportService({ db, now, onImport: placeKeeper.refresh }),
      changes,
      edges: createEdgeMessenger(() => session, results),
    },
    async migrate(onProgress, signal) {
      const prepare = async (): Promise<void> => {
        await migrate(database.pool, readMigrations(), onProgress);
        await db.transaction().execute((tx) => upsertInventory(tx, placesFile));
        await placeKeeper.refresh();
        // Before anything is judged: alarms of rules that are not known yet would count as orphans.
        await ruleKeeper.refresh();
      };
      const onRetry = (error: unknown): void => {
        log.warn({ err: error }, 'the database does not answer');
        onProgress('waiting for the database');
      };
      await retry(prepare, isDatabaseUnavailable, onRetry, signal);
      hasMigrated = !signal.aborted;
    },
    start() {
      session = openMqttSession({ config: config.mqtt, receive: ingest.receive, log, now, monotonicNow });
      loops = Promise.all(
        [ingest, evaluator, timers, placeKeeper, ruleKeeper, cases.clock, changes, maintenance].map((part) =>
          part.run(stopping.signal),
        ),
      );
    },
    async stop() {
      stopping.abort();
      await session?.close();
      await loops;
    },
    async readiness() {
      const answers = db.selectFrom('dipper.migration').select('name').limit(1).execute();
      return {
        database: await answers.then(
          () => true,
          () => false,
        ),
        broker: session?.connectedSince() !== undefined,
        migrations: hasMigrated,
        agentsNotJudged: evaluator.notJudged(),
      };
    },
  };
}
