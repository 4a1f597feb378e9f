import { EditOutlined, LoginOutlined } from '@ant-design/icons';
import type { AccessPointView } from '@dipper/contract/api/access-point';
import { App, Button, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { useDevices } from '../devices/use-devices.ts';
import { usePlaces } from '../devices/use-places.ts';
import { useErrorText } from '../i18n/use-code-text.ts';
import { useLocalText } from '../i18n/use-language.ts';
import styles from './access.module.css';
import { PointDialog } from './point-dialog.tsx';
import { RemoveButton } from './remove-button.tsx';
import { RuleList } from './rule-list.tsx';
import { type AccessRulebook, useAccessAction } from './use-access.ts';
import { useAccessWords } from './use-access-words.ts';
import { WhoNow } from './who-now.tsx';

/** Long enough to notice a mistake. */
const UNDO_SEC = 15;

interface PointListProps {
  readonly estate: string;
  readonly rulebook: AccessRulebook;
}

/** Ways through gates, each with what its rules mean and who passes now. */
export function PointList({ estate, rulebook }: PointListProps) {
  return (
    <RuleList
      kind="points"
      icon={<LoginOutlined />}
      rules={rulebook.points}
      row={(point, onEdit) => <PointRow point={point} rulebook={rulebook} onEdit={onEdit} />}
      dialog={(point, onClose) => <PointDialog estate={estate} point={point} rulebook={rulebook} onClose={onClose} />}
    />
  );
}

interface PointRowProps {
  readonly point: AccessPointView;
  readonly rulebook: AccessRulebook;
  /** Undefined for whoever only reads. */
  readonly onEdit: (() => void) | undefined;
}

function PointRow({ point, rulebook, onEdit }: PointRowProps) {
  const { t } = useTranslation('access');
  const localText = useLocalText();
  const places = usePlaces();
  const { data: devices } = useDevices();
  const { sentences, way } = useAccessWords();
  const { id, version, active, rules } = point;
  const name = localText(point.name);
  const gate = devices?.find((device) => device.id === point.device);
  return (
    <li className={styles.row} data-active={active}>
      <span className={styles.what}>
        <span className={styles.name}>{name}</span>
        <span className={styles.quiet}>{way(point, rulebook)}</span>
        <span className={styles.quiet}>
          {places.nameOf(point.place)} · {gate === undefined ? point.device : localText(gate.name)}
        </span>
        <span>
          {!active && <Tag>{t('words.inactive')}</Tag>}
          {rules.outOfOrder === true && <Tag color="warning">{t('words.outOfOrder')}</Tag>}
        </span>
      </span>
      <div className={styles.words}>
        {active && <WhoNow rules={rules} schedules={rulebook.schedules} />}
        {sentences(point, rulebook.schedules).map((sentence) => (
          <span key={sentence}>{sentence}</span>
        ))}
      </div>
      {onEdit !== undefined && (
        <span className={styles.actions}>
          <SwitchButton point={point} name={name} />
          <Button icon={<EditOutlined />} onClick={onEdit}>
            {t('edit')}
          </Button>
          <RemoveButton kind="point" id={id} version={version} name={name} />
        </span>
      )}
    </li>
  );
}

/** Takes an access point out of use, which can be undone, or puts it back. */
function SwitchButton({ point, name }: { readonly point: AccessPointView; readonly name: string }) {
  const { t } = useTranslation('access');
  const { message } = App.useApp();
  const errorText = useErrorText();
  const act = useAccessAction();
  const { id, version, active } = point;
  const change = (next: boolean, seen: number): void =>
    act.mutate(
      { what: 'point', id, body: { version: seen, active: next } },
      {
        onSuccess() {
          if (next) return;
          const key = `off-${id}`;
          void message.success({
            key,
            duration: UNDO_SEC,
            content: (
              <>
                {t('points.switchedOff', { name })}{' '}
                <Button
                  size="small"
                  type="link"
                  onClick={() => {
                    message.destroy(key);
                    change(true, seen + 1);
                  }}
                >
                  {t('points.undo')}
                </Button>
              </>
            ),
          });
        },
        onError: (error) => void message.error(errorText(error).text),
      },
    );
  return (
    <Button loading={act.isPending} onClick={() => change(!active, version)}>
      {t(active ? 'points.switchOff' : 'points.switchOn')}
    </Button>
  );
}
