-- What Neovim gets of the server in the folder that it is started in: a line of JSON for each thing, to the file in $STRATA_ANSWERS.
local server = vim.env.STRATA_SERVER
local answers = {}

local function say(name, value)
  table.insert(answers, vim.fn.json_encode({ name = name, value = value }))
end

local function finish()
  vim.fn.writefile(answers, vim.env.STRATA_ANSWERS)
  vim.cmd('qall!')
end

local function run()
  vim.cmd('edit app/Dockerfile')
  local buffer = vim.api.nvim_get_current_buf()
  local id = vim.lsp.start_client({
    name = 'strata', cmd = { vim.env.STRATA_NODE, server, 'lsp', '--stdio' }, root_dir = vim.fn.getcwd(),
    workspace_folders = { { uri = vim.uri_from_fname(vim.fn.getcwd()), name = 'project' } }, init_options = { trusted = true },
  })
  local client = vim.lsp.get_client_by_id(id)
  vim.lsp.buf_attach_client(buffer, id)
  vim.wait(20000, function() return client.initialized end, 20)
  local document = { uri = vim.uri_from_bufnr(buffer) }
  local function ask(method, params)
    local answer = client.request_sync(method, params, 20000, buffer)
    if not answer then error(method .. ' is not answered') end
    if answer.err then error(method .. ': ' .. answer.err.message) end
    return answer.result
  end

  -- The files beside it are read by and by: asked until they are there, as an editor is told to ask again.
  local labels
  vim.wait(20000, function()
    labels = {}
    for _, hint in ipairs(ask('textDocument/inlayHint', { textDocument = document, range = { start = { line = 0, character = 0 }, ['end'] = { line = 99, character = 0 } } })) do
      labels[#labels + 1] = (hint.position.line + 1) .. ' ' .. hint.label
    end
    return table.concat(labels, '\n'):find('shared') ~= nil
  end, 100)
  say('hints', labels)

  vim.wait(20000, function() return #vim.diagnostic.get(buffer) > 0 end, 20)
  local found = {}
  for _, one in ipairs(vim.diagnostic.get(buffer)) do found[#found + 1] = (one.lnum + 1) .. ' ' .. one.code end
  say('diagnostics', found)

  say('hover', ask('textDocument/hover', { textDocument = document, position = { line = 1, character = 1 } }).contents.value)

  -- The lens of FROM, as somebody runs it: Neovim sends its command to the server, and shows what that says.
  vim.lsp.codelens.refresh()
  vim.wait(20000, function()
    local lenses = vim.lsp.codelens.get(buffer)
    for _, lens in ipairs(lenses) do
      if not lens.command then return false end
    end
    return #lenses > 0
  end, 20)
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  vim.cmd('messages clear')
  vim.lsp.codelens.run()
  vim.wait(20000, function() return vim.fn.execute('messages'):find('LSP') ~= nil end, 20)
  vim.lsp.buf.execute_command({ command = 'strata.takeAsBuilt', arguments = { document.uri } })
  vim.wait(20000, function() return vim.fn.execute('messages'):find('counts as built') ~= nil end, 20)
  say('messages', vim.split(vim.trim(vim.fn.execute('messages')), '\n'))
  say('layers', vim.split(ask('workspace/executeCommand', { command = 'strata.showLayers', arguments = { 'app/Dockerfile' } }), '\n', { trimempty = true }))

  local range = { start = { line = 1, character = 0 }, ['end'] = { line = 1, character = 0 } }
  local titles = {}
  local chosen
  for _, action in ipairs(ask('textDocument/codeAction', { textDocument = document, range = range, context = { diagnostics = {} } })) do
    titles[#titles + 1] = action.title
    if action.title == vim.env.STRATA_ACTION then chosen = action end
  end
  say('actions', titles)
  if chosen then
    vim.lsp.util.apply_workspace_edit(ask('codeAction/resolve', chosen).edit, client.offset_encoding)
    vim.cmd('wall')
  end
end

local ok, problem = pcall(run)
if not ok then say('problem', tostring(problem)) end
finish()
