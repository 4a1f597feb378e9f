import type { IncidentDetail } from '@dipper/contract/api/incident-regrouping';
import { Checkbox, Form } from 'antd';
import { useTranslation } from 'react-i18next';
import type { QueueLine } from '../alarms/queue-line.ts';
import { useHub } from '../api/hub-context.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { Moment } from '../time/moment.tsx';
import styles from './decision-dialog.module.css';
import { DecisionDialog } from './decision-dialog.tsx';

interface SplitDialogProps {
  readonly line: QueueLine;
  readonly hasCase: boolean;
  readonly onClose: () => void;
}

interface Values {
  readonly alarms: string[];
  readonly takesCase: boolean;
}

/** Takes alarms out of a happening into one of their own; undone by a join of the two. */
export function SplitDialog({ line, hasCase, onClose }: SplitDialogProps) {
  const { t } = useTranslation('operator');
  const { client } = useHub();
  const localText = useLocalText();
  const split = async ({ alarms, takesCase, reason }: Values & { readonly reason: string }) => {
    const path = `/api/v1/incidents/${line.key}`;
    const made = await client.send<IncidentDetail>('POST', `${path}/splits`, { alarms, takesCase, reason });
    const undo = { incident: made.incident.id, reason: t('undo') };
    return { text: t('splitDone'), undo: () => client.send('POST', `${path}/joins`, undo) };
  };
  return (
    <DecisionDialog<Values>
      title={t('split')}
      hint={t('splitHint')}
      initialValues={{ alarms: line.alarms.slice(1, 2).map(({ id }) => id), takesCase: false }}
      onDecide={split}
      onClose={onClose}
      isVoid={line.alarms.length < 2}
    >
      <Form.Item
        name="alarms"
        label={t('splitWhich')}
        rules={[{ type: 'array', required: true, min: 1, message: t('splitWhich') }]}
      >
        <Checkbox.Group
          className={styles.choices ?? ''}
          options={line.alarms.map(({ id, title, lastOccurredAt }) => ({
            value: id,
            label: (
              <>
                {localText(title)} · <Moment at={lastOccurredAt} as="relative" />
              </>
            ),
          }))}
        />
      </Form.Item>
      {hasCase && (
        <Form.Item name="takesCase" valuePropName="checked">
          <Checkbox>{t('takesCase')}</Checkbox>
        </Form.Item>
      )}
    </DecisionDialog>
  );
}
