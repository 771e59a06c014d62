// The outline and the hover, as Docker's language server has them.
const vscode = require('vscode');

exports.activate = ({ subscriptions }) => {
  const symbols = {
    provideDocumentSymbols: (document) =>
      document.getText().split('\n').flatMap((text, line) => {
        const [keyword, ...rest] = text.split(' ');
        const range = new vscode.Range(line, 0, line, text.length);
        return /^[A-Z]+$/.test(keyword) ? [new vscode.DocumentSymbol(keyword, rest.join(' '), vscode.SymbolKind.Function, range, range)] : [];
      }),
  };
  const hover = { provideHover: (document, { line }) => (document.lineAt(line).text.startsWith('RUN ') ? new vscode.Hover('Execute any commands on top of the current image as a new layer and commit the results.') : undefined) };
  subscriptions.push(vscode.languages.registerDocumentSymbolProvider('dockerfile', symbols), vscode.languages.registerHoverProvider('dockerfile', hover));
};
