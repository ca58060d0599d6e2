EXTRA_DIST += %D%/examples/dashboard/run \
	%D%/examples/dashboard/dashboard.rtfs \
	%D%/examples/dashboard/capabilities.rtfs \
	%D%/examples/dashboard/get_user.sh \
	%D%/examples/dashboard/get_posts.sh \
	%D%/examples/dashboard/get_prefs.c
EXTRA_DIST += %D%/examples/trace/demo.rtfs \
	%D%/examples/trace/picture.rtfs \
	%D%/examples/trace/trace.svg
EXTRA_DIST += %D%/examples/plugin/run
# What the pages name, under docdir as here.
nobase_dist_doc_DATA = %D%/systemd/rtfs-batch@.service \
	%D%/policies/agent.rtfs \
	%D%/policies/build-farm.rtfs \
	%D%/policies/judge.rtfs \
	%D%/policies/pipeline.rtfs \
	%D%/examples/plugin/capabilities.rtfs \
	%D%/examples/plugin/words.c \
	%D%/examples/plugin/words.rtfs
dist_doc_DATA = README.md SECURITY.md NEWS proto/PROTOCOL.md
completiondir = $(datadir)/bash-completion/completions
dist_completion_DATA = %D%/completion/rtfs
