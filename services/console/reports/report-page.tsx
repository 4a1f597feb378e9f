import type { ReportForm, ReportReceipt, ResidentReport } from '@dipper/contract/api/case-report';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Alert, Button, Form, Input, Select, Typography } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router-dom';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { Failure, FormFailure, Loading } from '../layout/states.tsx';
import styles from './report.module.css';
import { ReportFrame } from './report-frame.tsx';

interface Values {
  readonly category: string;
  /** `place/…`, `estate/…` or `grid/…`. */
  readonly where: string;
  readonly text: string;
}

/** A resident tells of something: no account, no name, no number; a code is the way back. */
export function ReportPage() {
  const { t } = useTranslation('reports');
  const { client } = useHub();
  const form = useQuery({
    queryKey: keys.reportForm,
    queryFn: ({ signal }) => client.get<ReportForm>('/api/v1/public/report-form', signal),
  });
  const send = useMutation({
    mutationFn: ({ category, where, text }: Values) => {
      const [level = '', id = ''] = where.split('/');
      const report: ResidentReport = { category, text: text.trim(), [level]: id };
      return client.send<ReportReceipt>('POST', '/api/v1/public/reports', report);
    },
  });
  return (
    <ReportFrame title={t('title')}>
      {send.data !== undefined ? (
        <Receipt receipt={send.data} onAnother={send.reset} />
      ) : form.data === undefined ? (
        form.error === null ? (
          <Loading rows={6} />
        ) : (
          <Failure error={form.error} onRetry={() => void form.refetch()} />
        )
      ) : (
        <Questions
          form={form.data}
          isPending={send.isPending}
          error={send.error}
          onSend={(values) => send.mutate(values)}
        />
      )}
    </ReportFrame>
  );
}

interface QuestionsProps {
  readonly form: ReportForm;
  readonly isPending: boolean;
  readonly error: unknown;
  readonly onSend: (values: Values) => void;
}

function Questions({ form, isPending, error, onSend }: QuestionsProps) {
  const { t } = useTranslation('reports');
  const localText = useLocalText();
  const places = form.estates.map((estate) => ({
    label: localText(estate.name),
    options: [
      ...estate.places.map(({ id, name }) => ({
        value: `place/${id}`,
        label: `${localText(estate.name)} · ${localText(name)}`,
      })),
      { value: `estate/${estate.id}`, label: t('elsewhereIn', { estate: localText(estate.name) }) },
    ],
  }));
  const grids = form.grids.map(({ id, name }) => ({ value: `grid/${id}`, label: localText(name) }));
  return (
    <Form<Values> layout="vertical" size="large" requiredMark={false} onFinish={onSend}>
      <p className={styles.lead}>{t('lead')}</p>
      <FormFailure error={error} />
      <Form.Item name="category" label={t('category')} rules={[{ required: true, message: t('categoryMissing') }]}>
        <Select
          placeholder={t('categoryMissing')}
          options={form.categories.map(({ id, name }) => ({ value: id, label: localText(name) }))}
        />
      </Form.Item>
      <Form.Item name="where" label={t('where')} rules={[{ required: true, message: t('whereMissing') }]}>
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          placeholder={t('whereMissing')}
          options={[...places, ...(grids.length === 0 ? [] : [{ label: t('grids'), options: grids }])]}
        />
      </Form.Item>
      <Form.Item
        name="text"
        label={t('text')}
        extra={t('textHint')}
        rules={[{ required: true, whitespace: true, message: t('textMissing') }]}
      >
        <Input.TextArea autoSize={{ minRows: 4, maxRows: 12 }} maxLength={2_000} />
      </Form.Item>
      <Button type="primary" htmlType="submit" block loading={isPending}>
        {t('send')}
      </Button>
      <p className={styles.hint}>{t('privacy')}</p>
      <p className={styles.hint}>
        <Link to="/report/follow">{t('haveCode')}</Link>
      </p>
    </Form>
  );
}

function Receipt({ receipt, onAnother }: { readonly receipt: ReportReceipt; readonly onAnother: () => void }) {
  const { t } = useTranslation('reports');
  return (
    <div className={styles.receipt} role="status">
      <Alert type="success" showIcon title={t('received', { number: receipt.number })} />
      <p>{t('keepCode')}</p>
      <Typography.Text className={styles.code ?? ''} copyable>
        {receipt.code}
      </Typography.Text>
      <Link to={`/report/${receipt.code}`}>
        <Button block>{t('follow')}</Button>
      </Link>
      <Button type="text" block onClick={onAnother}>
        {t('another')}
      </Button>
    </div>
  );
}
