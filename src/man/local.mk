dist_man_MANS += \
	%D%/rtfs-batch.1 \
	%D%/rtfs-capabilities.5 \
	%D%/rtfs-language.7 \
	%D%/rtfs-policy.5 \
	%D%/rtfs-security.7 \
	%D%/rtfs.1
