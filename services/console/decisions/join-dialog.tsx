import type { IncidentDetail } from '@dipper/contract/api/incident-regrouping';
import { Form, Radio } from 'antd';
import { useTranslation } from 'react-i18next';
import { joinableWith, type QueueLine } from '../alarms/queue-line.ts';
import { useHub } from '../api/hub-context.ts';
import { usePlaces } from '../devices/use-places.ts';
import { useLocalText } from '../i18n/use-language.ts';
import styles from './decision-dialog.module.css';
import { DecisionDialog } from './decision-dialog.tsx';

interface JoinDialogProps {
  readonly line: QueueLine;
  readonly lines: readonly QueueLine[];
  readonly onClose: () => void;
}

/** Brings another happening of the estate into this one; undone by a split of the same alarms. */
export function JoinDialog({ line, lines, onClose }: JoinDialogProps) {
  const { t } = useTranslation('operator');
  const { client } = useHub();
  const localText = useLocalText();
  const places = usePlaces();
  const others = joinableWith(line, lines);
  const join = async ({ incident, reason }: { readonly incident: string; readonly reason: string }) => {
    const path = `/api/v1/incidents/${line.key}`;
    const { transitions } = await client.send<IncidentDetail>('POST', `${path}/joins`, { incident, reason });
    const done = transitions.findLast(({ what, other }) => what === 'joined' && other === incident);
    const undo = { alarms: done?.alarms ?? [], reason: t('undo'), takesCase: done?.movesCase ?? false };
    return { text: t('joined'), undo: () => client.send('POST', `${path}/splits`, undo) };
  };
  return (
    <DecisionDialog
      title={t('join')}
      hint={others.length === 0 ? t('joinNone') : t('joinHint')}
      initialValues={{ incident: others[0]?.key ?? '' }}
      onDecide={join}
      onClose={onClose}
      isVoid={others.length === 0}
    >
      {others.length > 0 && (
        <Form.Item name="incident" label={t('joinWith')}>
          <Radio.Group
            className={styles.choices ?? ''}
            options={others.map(({ key, alarms: [lead] }) => ({
              value: key,
              label: `${localText(lead.title)} · ${places.nameOf(lead.place) ?? places.estateNameOf(lead.estate)}`,
            }))}
          />
        </Form.Item>
      )}
    </DecisionDialog>
  );
}
