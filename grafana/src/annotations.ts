// Marks on every graph: when a version of ingest-service came into use.
import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard'
import { prometheus } from './sources.ts'

export const deployments = new AnnotationQueryBuilder()
  .name('Deployments')
  .datasource(prometheus)
  .enable(true)
  .hide(false)
  .iconColor('blue')
  // there now and not one step ago, however long a step is; a version that was away for a while is marked again
  .expr('count by (version) (leadlight_build_info) unless count by (version) (leadlight_build_info offset $__interval)')
  .step('60s')
  .titleFormat('ingest-service {{version}}')
