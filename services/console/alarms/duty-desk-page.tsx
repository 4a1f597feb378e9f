import { CheckCircleOutlined, DisconnectOutlined, SwapOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router-dom';
import { useHub } from '../api/hub-context.ts';
import { CaptureDialog } from '../captures/capture-dialog.tsx';
import { decisionsFor } from '../decisions/decisions-for.ts';
import { useFeedState } from '../feed/use-feed-state.ts';
import { GateStrip } from '../gates/gate-strip.tsx';
import { Failure, Loading, Notice } from '../layout/states.tsx';
import { NARROW, useMedia } from '../layout/use-media.ts';
import { useAllowed } from '../session/session-context.ts';
import { FloodBanner } from '../standing/flood-banner.tsx';
import { LatePolicies } from '../standing/late-policies.tsx';
import { StandingBar } from '../standing/standing-bar.tsx';
import { useStanding } from '../standing/use-standing.ts';
import { AlarmDetail } from './alarm-detail.tsx';
import { AlarmQueue } from './alarm-queue.tsx';
import type { DeskAction } from './desk-action.ts';
import { DeskDialog, type DeskDialogKind } from './desk-dialog.tsx';
import { useDeskKeys } from './desk-keys.ts';
import styles from './duty-desk-page.module.css';
import { openAlarmsQuery } from './open-alarms.ts';
import { QueueGroups } from './queue-groups.tsx';
import { neighbourOf, pendingOf, type QueueLine, queueLinesOf } from './queue-line.ts';
import { QuietCameras } from './quiet-cameras.tsx';
import { useAcknowledge } from './use-acknowledge.ts';
import { useChosenLine } from './use-chosen-line.ts';
import { useIncidentCase } from './use-incident-case.ts';

/** A line that came on screen by itself has to be looked at before a key acknowledges it. */
const LOOK_FIRST_MS = 1_000;
/** Until the hub has said how long one may shelve. */
const DEFAULT_LONGEST_SHELF_MIN = 60;

/** 值守: one queue, the picture beside it, two keystrokes. */
export function DutyDeskPage() {
  const { t } = useTranslation(['alarms', 'operator']);
  const { client } = useHub();
  const navigate = useNavigate();
  const { phase } = useFeedState();
  const { data: alarms, error, refetch } = useQuery(openAlarmsQuery(client));
  const lines = useMemo(() => queueLinesOf(alarms ?? []), [alarms]);
  const { line, choose, sinceUnaskedMs } = useChosenLine(lines);
  const acknowledge = useAcknowledge();
  const mayAcknowledge = useAllowed('acknowledge');
  const mayWatch = useAllowed('watchLive');
  const mayOperateGates = useAllowed('operateGates');
  const mayReadAccess = useAllowed('readAccess');
  const isNarrow = useMedia(NARROW);
  const mayViewCapture = useAllowed('viewCapture');
  const caseId = useIncidentCase(line?.alarms[0].incident ?? undefined);
  const [isViewing, setViewing] = useState(false);
  const standing = useStanding();
  const isFlooded = standing?.flood != null;
  const allowed = {
    shelve: useAllowed('shelve'),
    takeOut: useAllowed('takeOutOfService'),
    regroup: useAllowed('regroup'),
  };
  const decisions = decisionsFor(line, lines, allowed);
  const [dialog, setDialog] = useState<{ readonly kind: DeskDialogKind; readonly line: QueueLine | undefined }>();
  const openDialog = (kind: DeskDialogKind): void => setDialog({ kind, line });

  const captured = line?.alarms.find(({ media }) => media !== null);
  const pending = line === undefined ? [] : pendingOf(line);
  const openCase = caseId === undefined ? undefined : () => navigate(`/cases/${caseId}`);
  const viewCapture = captured === undefined || !mayViewCapture ? undefined : () => setViewing(true);
  const acknowledgePending =
    pending.length > 0 && mayAcknowledge && !acknowledge.isPending ? () => acknowledge.mutate(pending) : undefined;

  const act = (action: DeskAction): void => {
    if (action === 'up' || action === 'down') {
      const next = neighbourOf(lines, line?.key, action === 'down' ? 1 : -1);
      if (next !== undefined) choose(next.key);
    } else if (action === 'acknowledge') {
      if (sinceUnaskedMs() > LOOK_FIRST_MS) acknowledgePending?.();
    } else if (action === 'openCase') openCase?.();
    else if (action === 'viewCapture') viewCapture?.();
    else if (decisions.includes(action)) openDialog(action);
  };
  useDeskKeys(act, !isViewing && dialog === undefined);

  if (alarms === undefined) {
    return error === null ? <Loading rows={8} /> : <Failure error={error} onRetry={() => void refetch()} />;
  }
  const showsQuietCameras = lines.length === 0 && phase !== 'lost' && mayWatch && !isNarrow;
  const Queue = isFlooded ? QueueGroups : AlarmQueue;
  const pendingCount = alarms.filter(({ acknowledged }) => !acknowledged).length;
  const empty =
    phase === 'lost' ? (
      <Notice icon={<DisconnectOutlined />} title={t('emptyBlind.title')} hint={t('emptyBlind.hint')} />
    ) : (
      <Notice icon={<CheckCircleOutlined />} title={t('empty.title')} hint={t('empty.hint')} />
    );
  return (
    <div className={styles.desk} data-detail={line !== undefined} data-blind={phase === 'lost'}>
      <section className={styles.list} aria-labelledby="queue-title">
        <header className={styles.listHead}>
          <h1 id="queue-title">{t('queue')}</h1>
          <Button size="small" icon={<SwapOutlined />} onClick={() => openDialog('handover')}>
            {t('operator:handover.title')}
          </Button>
          <span className={styles.pending}>
            {pendingCount > 0 ? t('pending', { count: pendingCount }) : lines.length > 0 ? t('nonePending') : ''}
          </span>
        </header>
        <StandingBar standing={standing} onOpen={() => openDialog('silences')} />
        {standing !== undefined && <FloodBanner standing={standing} />}
        {mayReadAccess && <LatePolicies />}
        <div className={styles.scroll}>
          {lines.length === 0 ? empty : <Queue lines={lines} chosen={line?.key} onChoose={choose} />}
        </div>
        {mayOperateGates && <GateStrip />}
        <p className={styles.keys}>{t('keys')}</p>
      </section>
      {showsQuietCameras && <QuietCameras />}
      {line !== undefined && (
        <AlarmDetail
          line={line}
          onBack={() => choose(undefined)}
          onAcknowledge={acknowledgePending}
          isAcknowledging={acknowledge.isPending}
          onOpenCase={openCase}
          onViewCapture={viewCapture}
          decisions={decisions}
          onDecide={openDialog}
        />
      )}
      {dialog !== undefined && (
        <DeskDialog
          kind={dialog.kind}
          line={dialog.line}
          lines={lines}
          hasCase={caseId !== undefined}
          longestShelfMin={standing?.longestShelfMin ?? DEFAULT_LONGEST_SHELF_MIN}
          onClose={() => setDialog(undefined)}
        />
      )}
      {captured !== undefined && isViewing && <CaptureDialog alarm={captured} onClose={() => setViewing(false)} />}
    </div>
  );
}
