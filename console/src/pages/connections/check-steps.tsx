import type { ReactElement } from 'react'
import type { CheckResult } from '../../api/connections.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { StatusIcon } from '../../ui/status.tsx'
import { OrderPreview } from '../../ui/order-preview.tsx'

/** The live check step by step, the channel's own words for a failure, and real orders as they would be stored. */
export const CheckSteps = ({ result }: { readonly result: CheckResult }): ReactElement => {
  const { t, label, language } = useWords()
  const sample = result.sample ?? []
  return (
    <div className="col g12" role="status">
      <ol className="steps">
        {result.steps.map((step, index) => (
          <li key={index}>
            <span style={{ paddingTop: 2 }}>
              <StatusIcon kind={step.ok ? 'ok' : 'failed'} />
            </span>
            <span>
              <span className="m5">{language === 'en' ? step.step.en : step.step.zh}</span>
              {step.detail !== undefined && step.detail !== '' && <span className="t2 break"> · {step.detail}</span>}
            </span>
          </li>
        ))}
      </ol>
      {result.fault !== undefined && (
        <div className="note bad" role="alert">
          <Icon name="failed" />
          <div className="col break">
            <b>{label('fault', result.fault.kind)}</b>
            <span>
              {result.fault.code !== undefined && <span className="mono">{result.fault.code} </span>}“{result.fault.message}”
            </span>
          </div>
        </div>
      )}
      {sample.length > 0 && (
        <section className="col g8">
          <h3>{t('wizard.sample', { count: sample.length })}</h3>
          {sample.map((one, index) =>
            one.order === undefined ? (
              <div key={index} className="quote row g8">
                <StatusIcon kind={one.outcome === 'held' ? 'held' : 'cancelled'} />
                <b>{one.channel_order_no}</b>
                <span className="t2 break">{one.reason ?? t('disposition.ignored')}</span>
              </div>
            ) : (
              <OrderPreview key={index} doc={one.order} />
            ),
          )}
        </section>
      )}
    </div>
  )
}
