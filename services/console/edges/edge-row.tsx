import type { AgentView } from '@dipper/contract/api/inventory';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { DeviceStanding } from '../devices/device-standing.ts';
import { StandingMark } from '../devices/standing-mark.tsx';
import { usePlaces } from '../devices/use-places.ts';
import { useErrorText } from '../i18n/use-code-text.ts';
import { Moment } from '../time/moment.tsx';
import styles from './edges-page.module.css';
import { PolicyText } from './policy-text.tsx';
import { type Edge, useTakeLoginAway } from './use-edges.ts';

const STANDINGS: Record<AgentView['state'], DeviceStanding> = { online: 'good', offline: 'bad', unknown: 'unknown' };
/** As much of a key's name as tells it from others by eye. */
export const SHORT_KEY_CHARACTERS = 8;

interface EdgeRowProps {
  readonly edge: Edge;
  readonly onBringIn: () => void;
}

/** One edge: whether it is there, how it came in, and which keys it believes. */
export function EdgeRow({ edge, onBringIn }: EdgeRowProps) {
  const { t } = useTranslation(['edges', 'devices', 'shell']);
  const { estateNameOf } = usePlaces();
  const { modal, message } = App.useApp();
  const errorText = useErrorText();
  const takeAway = useTakeLoginAway();
  const { id, estate, agent, enrolment } = edge;
  const keyState = agent?.hubKeyState ?? 'unknown';
  const confirmTakingAway = (): void => {
    modal.confirm({
      title: t('edges:takeAwayTitle', { id }),
      content: t('edges:takeAwayHint'),
      okText: t('edges:takeAway'),
      okButtonProps: { danger: true },
      cancelText: t('shell:cancel'),
      onOk: () => takeAway.mutateAsync(id).catch((error: unknown) => void message.error(errorText(error).text)),
    });
  };
  return (
    <li className={styles.row}>
      <div className={styles.who}>
        <span className={styles.name}>{id}</span>
        <span className={styles.quiet}>{estateNameOf(estate)}</span>
      </div>
      <dl className={styles.facts}>
        <div>
          <dt>{t('edges:state')}</dt>
          <dd>
            <StandingMark standing={STANDINGS[agent?.state ?? 'unknown']}>
              {agent?.seenAt == null ? t('edges:neverSpoke') : t(`devices:agent.${agent.state}`)}
            </StandingMark>
          </dd>
        </div>
        <div>
          <dt>{t('edges:login')}</dt>
          <dd>
            <LoginText edge={edge} />
          </dd>
        </div>
        <div data-key-state={keyState}>
          <dt>{t('edges:keys')}</dt>
          <dd>
            <strong>{t(`edges:keyState.${keyState}`)}</strong>
            {(agent?.hubKeys ?? []).map((key) => (
              <code key={key}>{key.slice(0, SHORT_KEY_CHARACTERS)}</code>
            ))}
          </dd>
        </div>
        <div>
          <dt>{t('edges:policy')}</dt>
          <dd>
            <PolicyText policy={edge.policy} />
          </dd>
        </div>
      </dl>
      {keyState === 'lost' && (
        <p className={styles.problem} role="alert">
          {t('edges:lostHint')}
        </p>
      )}
      <div className={styles.actions}>
        <Button onClick={onBringIn}>
          {enrolment?.enrolledAt == null ? t('edges:makeCode') : t('edges:bringBack')}
        </Button>
        {enrolment != null && (enrolment.enrolledAt !== null || enrolment.codeExpiresAt !== null) && (
          <Button danger onClick={confirmTakingAway} loading={takeAway.isPending}>
            {t('edges:takeAway')}
          </Button>
        )}
      </div>
    </li>
  );
}

function LoginText({ edge: { agent, enrolment } }: { readonly edge: Edge }) {
  const { t } = useTranslation('edges');
  if (enrolment === undefined) return <>{t('madeByHand')}</>;
  return (
    <>
      {enrolment.enrolledAt !== null && (
        <span>
          {t('enrolled')} <Moment at={enrolment.enrolledAt} as="absolute" />
        </span>
      )}
      {enrolment.codeExpiresAt !== null && (
        <span>
          {t('codeOpen')} <Moment at={enrolment.codeExpiresAt} as="absolute" />
        </span>
      )}
      {enrolment.enrolledAt === null && enrolment.codeExpiresAt === null && (
        <span>{t(agent === undefined ? 'codeOver' : 'noLogin')}</span>
      )}
    </>
  );
}
