import {
  CaretRightOutlined,
  DownloadOutlined,
  LockOutlined,
  PauseOutlined,
  PlayCircleOutlined,
  RedoOutlined,
  UndoOutlined,
} from '@ant-design/icons';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useAllowed } from '../session/session-context.ts';
import styles from './camera-page.module.css';

const STEP_SEC = 10;

interface TransportProps {
  readonly isLive: boolean;
  readonly isPaused: boolean;
  readonly onPaused: (isPaused: boolean) => void;
  readonly onStep: (byMs: number) => void;
  readonly onLive: () => void;
  readonly tool: 'export' | 'lock' | undefined;
  readonly onTool: (tool: 'export' | 'lock' | undefined) => void;
}

/** The buttons under the picture: to and fro, stop and go, back to live, and what is done with a recording. */
export function Transport({ isLive, isPaused, onPaused, onStep, onLive, tool, onTool }: TransportProps) {
  const { t } = useTranslation('recordings');
  const mayExport = useAllowed('exportRecordings');
  const mayLock = useAllowed('lockEvidence');
  const toggle = (which: 'export' | 'lock') => () => onTool(tool === which ? undefined : which);
  return (
    <div className={styles.transport}>
      <Button
        icon={<UndoOutlined aria-hidden="true" />}
        aria-label={t('backSeconds', { seconds: STEP_SEC })}
        onClick={() => onStep(-STEP_SEC * 1_000)}
      >
        {STEP_SEC}
      </Button>
      {!isLive && (
        <>
          <Button
            type="primary"
            icon={isPaused ? <CaretRightOutlined aria-hidden="true" /> : <PauseOutlined aria-hidden="true" />}
            onClick={() => onPaused(!isPaused)}
          >
            {t(isPaused ? 'play' : 'pause')}
          </Button>
          <Button
            icon={<RedoOutlined aria-hidden="true" />}
            aria-label={t('forwardSeconds', { seconds: STEP_SEC })}
            onClick={() => onStep(STEP_SEC * 1_000)}
          >
            {STEP_SEC}
          </Button>
          <Button icon={<PlayCircleOutlined aria-hidden="true" />} onClick={onLive}>
            {t('backToLive')}
          </Button>
        </>
      )}
      <span className={styles.grow} />
      {mayLock && (
        <Button icon={<LockOutlined aria-hidden="true" />} aria-pressed={tool === 'lock'} onClick={toggle('lock')}>
          {t('lock.open')}
        </Button>
      )}
      {mayExport && (
        <Button
          icon={<DownloadOutlined aria-hidden="true" />}
          aria-pressed={tool === 'export'}
          onClick={toggle('export')}
        >
          {t('export.open')}
        </Button>
      )}
    </div>
  );
}
