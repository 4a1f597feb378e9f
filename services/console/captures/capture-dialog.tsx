import type { Alarm } from '@dipper/contract/api/alarm';
import { Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { useCodeText } from '../i18n/use-code-text.ts';
import { Loading, Notice } from '../layout/states.tsx';
import { availabilityOf } from './capture-availability.ts';
import { CaptureReasonForm } from './capture-reason-form.tsx';
import { CaptureRefusal } from './capture-refusal.tsx';
import { ShownCapture } from './shown-capture.tsx';
import { useCaptureLook } from './use-capture-look.ts';

interface CaptureDialogProps {
  readonly alarm: Alarm;
  readonly onClose: () => void;
}

/** A look at a captured face: first the reason, then the picture, which leaves memory with the dialog. */
export function CaptureDialog({ alarm: { media }, onClose }: CaptureDialogProps) {
  const { t } = useTranslation('captures');
  const codeText = useCodeText();
  const available = availabilityOf(media);
  return (
    <Modal
      open
      title={t('title')}
      footer={null}
      onCancel={onClose}
      mask={{ closable: false }}
      width={520}
      destroyOnHidden
    >
      {available.kind === 'askable' ? (
        <CaptureLook mediaRef={available.ref} expiresAt={available.expiresAt} onClose={onClose} />
      ) : (
        <Notice title={t('none')} hint={available.kind === 'none' ? undefined : codeText(available.code)} />
      )}
    </Modal>
  );
}

interface CaptureLookProps {
  readonly mediaRef: string;
  readonly expiresAt: string;
  readonly onClose: () => void;
}

function CaptureLook({ mediaRef, expiresAt, onClose }: CaptureLookProps) {
  const { t } = useTranslation('captures');
  const { look, ask, askAgain } = useCaptureLook(mediaRef);
  switch (look.kind) {
    case 'asking':
      return <CaptureReasonForm expiresAt={expiresAt} onReason={ask} />;
    case 'loading':
      return (
        <>
          <p>{t('loading')}</p>
          <Loading />
        </>
      );
    case 'shown':
      return <ShownCapture address={look.address} onClose={onClose} />;
    case 'refused':
      return <CaptureRefusal error={look.error} onAskAgain={askAgain} />;
  }
}
