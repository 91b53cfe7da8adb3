/** The stylesheets of the folder, which the build puts in as text. */
export { default as CARD } from './styles/card.css';
export { default as CHART } from './styles/chart.css';
export { default as COLOURS } from './styles/colours.css';
export { default as DIALOG } from './styles/dialog.css';
