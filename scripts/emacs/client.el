;;; What Emacs gets of the server in the folder that it is started in: a line of JSON for each thing, to the file in $STRATA_ANSWERS.  -*- lexical-binding: t -*-
(require 'package)
(package-initialize)
(load (getenv "STRATA_CONFIG") nil t)
(require 'dockerfile-mode)
(require 'eglot)
(require 'flymake)

(defvar answers nil)
(defvar messages nil)
(advice-add 'message :before (lambda (format &rest arguments) (when format (push (apply #'format-message format arguments) messages))))

(defun say (name value)
  (push (json-serialize (list :name name :value value)) answers))

(defun wait-for (what condition)
  (let ((deadline (time-add nil 20)))
    (while (not (funcall condition))
      (when (time-less-p deadline nil) (error "%s: not within 20 seconds; said last: %S" what (seq-take messages 5)))
      (accept-process-output nil 0.02))))

(defun said (text)
  (lambda () (seq-some (lambda (one) (string-match-p (regexp-quote text) one)) messages)))

(defun run ()
  (find-file "app/Dockerfile")
  (setq eglot-sync-connect t)
  (apply #'eglot (eglot--guess-contact))
  (wait-for "a server" #'eglot-current-server)
  (say "mode" (symbol-name major-mode))

  ;; The files beside it are read by and by: a finding tells of them.
  (wait-for "diagnostics" (lambda ()
                            (flymake-start)
                            (seq-some (lambda (one) (string-match-p "shared" (flymake-diagnostic-text one))) (flymake-diagnostics))))
  (say "diagnostics" (vconcat (sort (mapcar (lambda (one)
                                              (format "%d %s" (line-number-at-pos (flymake-diagnostic-beg one))
                                                      (car (split-string (flymake-diagnostic-text one) "\n"))))
                                            (flymake-diagnostics))
                                    #'string<)))

  (goto-char (point-min))
  (forward-line 1)
  (let (hover)
    (eglot-hover-eldoc-function (lambda (text &rest _) (setq hover text)))
    (wait-for "hover" (lambda () hover))
    (say "hover" (substring-no-properties hover)))

  ;; A command without a text, and one with.
  (strata "strata.whatIf" '(:kind "line" :line 1))
  (wait-for "what if" (lambda () (get-buffer "*Strata*")))
  (say "what if" (with-current-buffer "*Strata*" (buffer-string)))
  (kill-buffer "*Strata*")
  (strata "strata.showLayers")
  (wait-for "layers" (lambda () (get-buffer "*Strata*")))
  (say "layers" (with-current-buffer "*Strata*" (buffer-string)))
  (strata "strata.takeAsBuilt")
  (wait-for "taken as built" (said "counts as built"))

  ;; What this eglot cannot make is said where it is chosen.
  (let* ((actions (eglot-code-actions (point)))
         (titles (mapcar (lambda (one) (plist-get one :title)) actions)))
    (say "actions" (vconcat (seq-filter (lambda (title) (string-prefix-p "Extract" title)) titles)))
    (choose actions (getenv "STRATA_ACTION")))
  (wait-for "the action" (said "in an edit"))

  ;; A base that stays in its file is an edit that it can make.
  (find-file "../stages/Dockerfile")
  (apply #'eglot (eglot--guess-contact))
  (setq eglot-confirm-server-initiated-edits nil)
  (strata "strata.extractBase" '(:way "stage"))
  (wait-for "the edit" (said "Done: "))
  (say "edited" (buffer-string))
  (say "messages" (vconcat (seq-filter (lambda (one) (string-match-p "Server reports" one)) (reverse messages)))))

(defun choose (actions title)
  (cl-letf (((symbol-function 'completing-read) (lambda (&rest _) title))
            (last-nonmenu-event t))
    (setq last-nonmenu-event ?\r)
    (eglot--read-execute-code-action actions (eglot-current-server))))

(condition-case problem (run) (error (say "problem" (error-message-string problem))))
(with-temp-file (getenv "STRATA_ANSWERS") (insert (mapconcat #'identity (reverse answers) "\n")))
(setq kill-emacs-query-functions nil)
(dolist (buffer (buffer-list)) (with-current-buffer buffer (set-buffer-modified-p nil)))
(kill-emacs)
