import { ArrowLeftOutlined, CheckOutlined, FileDoneOutlined, UserOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DecisionMenu } from '../decisions/decision-menu.tsx';
import type { Decision } from '../decisions/decisions-for.ts';
import { usePlaces } from '../devices/use-places.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { useAllowed } from '../session/session-context.ts';
import styles from './alarm-detail.module.css';
import { AlarmFacts } from './alarm-facts.tsx';
import { AlarmPicture } from './alarm-picture.tsx';
import { PriorityMark } from './priority-mark.tsx';
import { pendingOf, type QueueLine } from './queue-line.ts';

interface AlarmDetailProps {
  readonly line: QueueLine;
  readonly onBack: () => void;
  /** Each undefined where there is nothing to do, or not for this account. */
  readonly onAcknowledge: (() => void) | undefined;
  readonly isAcknowledging: boolean;
  readonly onOpenCase: (() => void) | undefined;
  readonly onViewCapture: (() => void) | undefined;
  readonly decisions: readonly Decision[];
  readonly onDecide: (decision: Decision) => void;
}

/** One happening: what and where, the live picture, what to do, and the alarms it is made of. */
export function AlarmDetail(props: AlarmDetailProps) {
  const { line, onBack, onAcknowledge, isAcknowledging, onOpenCase, onViewCapture, decisions, onDecide } = props;
  const { t } = useTranslation('alarms');
  const localText = useLocalText();
  const places = usePlaces();
  const mayAcknowledge = useAllowed('acknowledge');
  const [lead] = line.alarms;
  const pending = pendingOf(line).length;
  return (
    <section className={styles.detail} aria-labelledby="alarm-title">
      <header className={styles.head}>
        <Button
          className={styles.back ?? ''}
          type="text"
          icon={<ArrowLeftOutlined />}
          aria-label={t('backToQueue')}
          onClick={onBack}
        />
        <div className={styles.heading}>
          <h2 id="alarm-title">
            <PriorityMark priority={lead.priority} /> {localText(lead.title)}
          </h2>
          <p className={styles.where}>{places.whereOf(lead)}</p>
        </div>
      </header>
      <AlarmPicture line={line} />
      <div className={styles.actions}>
        {mayAcknowledge && (
          <Button
            type={pending > 0 ? 'primary' : 'default'}
            size="large"
            icon={<CheckOutlined />}
            disabled={onAcknowledge === undefined && !isAcknowledging}
            loading={isAcknowledging}
            onClick={onAcknowledge}
          >
            {pending === 0
              ? t('state.acknowledged')
              : pending > 1
                ? t('acknowledgeAll', { count: pending })
                : t('acknowledge')}
            <Key>A</Key>
          </Button>
        )}
        <Button size="large" icon={<FileDoneOutlined />} disabled={onOpenCase === undefined} onClick={onOpenCase}>
          {onOpenCase === undefined ? t('noCase') : t('openCase')}
          <Key>Enter</Key>
        </Button>
        {onViewCapture !== undefined && (
          <Button size="large" icon={<UserOutlined />} onClick={onViewCapture}>
            {t('capture')}
            <Key>V</Key>
          </Button>
        )}
        <DecisionMenu decisions={decisions} onChoose={onDecide} />
      </div>
      <AlarmFacts line={line} />
    </section>
  );
}

function Key({ children }: { readonly children: ReactNode }) {
  return <kbd className={styles.key}>{children}</kbd>;
}
