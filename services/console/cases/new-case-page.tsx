import type { CaseBrief, CaseDetail } from '@dipper/contract/api/case';
import { ENTERED_SOURCES, type NewCase } from '@dipper/contract/api/case-report';
import { useMutation, useQuery } from '@tanstack/react-query';
import { App, Button, Form, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router-dom';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';
import { usePlaces } from '../devices/use-places.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { FormFailure } from '../layout/states.tsx';
import { useAllowed, useSession } from '../session/session-context.ts';
import { CaseRelatives } from './case-relatives.tsx';
import styles from './new-case-page.module.css';
import { sendOrKeep } from './offline-sender.ts';
import { useCaseCategories } from './use-case-categories.ts';

type Values = Pick<NewCase, 'source' | 'category' | 'title' | 'text'> & { readonly place: string };

/** 上报: what somebody saw on patrol, heard on the phone, read in a letter. */
export function NewCasePage() {
  const { t } = useTranslation(['cases', 'shell']);
  const { client } = useHub();
  const { account } = useSession();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const localText = useLocalText();
  const places = usePlaces();
  const categories = useCaseCategories();
  const mayEnterOthers = useAllowed('dispatchCases');
  const [form] = Form.useForm<Values>();
  const duplicates = useDuplicates(Form.useWatch('category', form), Form.useWatch('place', form));
  // One form, one case, however often it is sent.
  const [key] = useState(() => crypto.randomUUID());

  const report = useMutation({
    mutationFn: (values: Values) => {
      const place = places.find(values.place);
      if (place === undefined) throw new Error('a place that is not in the list');
      const body: NewCase = { ...values, key, takenAt: new Date().toISOString() };
      const work = { id: key, account: account.name, kind: 'report', title: values.title } as const;
      return sendOrKeep<CaseDetail>(client, { ...work, path: '/api/v1/cases', body });
    },
    onSuccess: (detail) => {
      message.success(t(detail === undefined ? 'cases:keptOffline' : 'cases:reported'));
      navigate(detail === undefined ? '/cases' : `/cases/${detail.case.id}`, { replace: true });
    },
  });
  const sources = mayEnterOthers ? ENTERED_SOURCES : (['patrol'] as const);

  return (
    <article className={styles.page} aria-labelledby="new-case-title">
      <h1 id="new-case-title">{t('cases:newCase')}</h1>
      <Form<Values>
        form={form}
        layout="vertical"
        size="large"
        requiredMark={false}
        initialValues={{ source: 'patrol' }}
        onFinish={(values) => report.mutate(values)}
      >
        <FormFailure error={report.error} />
        <Form.Item name="source" label={t('cases:source')} hidden={sources.length === 1}>
          <Select options={sources.map((source) => ({ value: source, label: t(`cases:sources.${source}`) }))} />
        </Form.Item>
        <Form.Item name="place" label={t('cases:place')} rules={[{ required: true, message: t('cases:placeMissing') }]}>
          <Select
            showSearch={{ optionFilterProp: 'label' }}
            placeholder={t('cases:placeMissing')}
            options={places.all.map(({ id }) => ({ value: id, label: places.fullNameOf(id) ?? id }))}
          />
        </Form.Item>
        <Form.Item
          name="category"
          label={t('cases:category')}
          rules={[{ required: true, message: t('cases:categoryMissing') }]}
        >
          <Select
            showSearch={{ optionFilterProp: 'label' }}
            loading={categories === undefined}
            placeholder={t('cases:categoryMissing')}
            options={(categories ?? []).map(({ id, name }) => ({ value: id, label: localText(name) }))}
          />
        </Form.Item>
        <CaseRelatives title={t('cases:duplicates')} hint={t('cases:duplicatesBefore')} cases={duplicates} />
        <Form.Item
          name="title"
          label={t('cases:titleLabel')}
          rules={[{ required: true, whitespace: true, message: t('cases:titleMissing') }]}
        >
          <Input maxLength={120} />
        </Form.Item>
        <Form.Item name="text" label={t('cases:textLabel')} extra={t('cases:pictureAfterwards')}>
          <Input.TextArea autoSize={{ minRows: 3, maxRows: 10 }} maxLength={2_000} />
        </Form.Item>
        <div className={styles.buttons}>
          <Button onClick={() => navigate(-1)}>{t('shell:cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={report.isPending}>
            {t('cases:action.report')}
          </Button>
        </div>
      </Form>
    </article>
  );
}

/** Open cases that may be the same thing, once category and place are known. */
function useDuplicates(category: string | undefined, place: string | undefined): readonly CaseBrief[] {
  const { client } = useHub();
  const query = new URLSearchParams({ category: category ?? '', place: place ?? '' }).toString();
  const { data } = useQuery({
    queryKey: keys.duplicates(query),
    queryFn: ({ signal }) => client.get<{ items: readonly CaseBrief[] }>(`/api/v1/cases/duplicates?${query}`, signal),
    enabled: category !== undefined && place !== undefined,
    staleTime: 0,
  });
  return data?.items ?? [];
}
