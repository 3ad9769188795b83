export { bytes } from './bytes.ts';
