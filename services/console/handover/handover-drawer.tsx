import type { HandoverNote } from '@dipper/contract/api/handover';
import type { Page } from '@dipper/contract/api/page';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Drawer, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';
import { usePlaces } from '../devices/use-places.ts';
import { useErrorText } from '../i18n/use-code-text.ts';
import { Failure, Loading, Notice } from '../layout/states.tsx';
import { useAllowed } from '../session/session-context.ts';
import { Moment } from '../time/moment.tsx';
import styles from './handover-drawer.module.css';

/** As many as a shift reads. */
const SHOWN = 20;
/** Limit of the contract's NewHandoverNote. */
const MAX_TEXT = 2_000;

/** What the last shifts left to know, and a line for the next one. */
export function HandoverDrawer({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation('operator');
  const mayWrite = useAllowed('writeHandover');
  return (
    <Drawer open title={t('handover.title')} onClose={onClose} placement="left" size={480}>
      {mayWrite && <NoteForm />}
      <Notes />
    </Drawer>
  );
}

function NoteForm() {
  const { t } = useTranslation('operator');
  const { client } = useHub();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const queryClient = useQueryClient();
  const [form] = Form.useForm<{ text: string }>();
  const places = usePlaces();
  // Who answers for one estate only writes for that one.
  const [estate, ...others] = new Set(places.all.map((place) => place.estate));
  const write = useMutation({
    mutationFn: ({ text }: { readonly text: string }) =>
      client.send('POST', '/api/v1/handover-notes', {
        text,
        ...(estate === undefined || others.length > 0 ? {} : { estate }),
      }),
    onSuccess() {
      form.resetFields();
      message.success(t('handover.saved'));
      void queryClient.invalidateQueries({ queryKey: keys.handoverNotes });
    },
  });
  return (
    <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => write.mutate(values)}>
      {write.error !== null && <Alert type="error" showIcon role="alert" title={errorText(write.error).text} />}
      <Form.Item
        name="text"
        label={t('handover.write')}
        rules={[{ required: true, whitespace: true, message: t('handover.placeholder') }]}
      >
        <Input.TextArea rows={3} maxLength={MAX_TEXT} placeholder={t('handover.placeholder')} />
      </Form.Item>
      <Button type="primary" size="large" htmlType="submit" loading={write.isPending} block>
        {t('handover.save')}
      </Button>
    </Form>
  );
}

function Notes() {
  const { t } = useTranslation('operator');
  const { client } = useHub();
  const { data, error, refetch } = useQuery({
    queryKey: keys.handoverNotes,
    queryFn: ({ signal }) => client.get<Page<HandoverNote>>(`/api/v1/handover-notes?limit=${SHOWN}`, signal),
  });
  if (data === undefined)
    return error === null ? <Loading /> : <Failure error={error} onRetry={() => void refetch()} />;
  if (data.items.length === 0) return <Notice title={t('handover.none')} />;
  return (
    <ol className={styles.notes}>
      {data.items.map((note) => (
        <li key={note.id}>
          <p className={styles.by}>
            {note.writtenByName ?? note.writtenBy} · <Moment at={note.writtenAt} />
          </p>
          <p className={styles.text}>{note.text}</p>
        </li>
      ))}
    </ol>
  );
}
